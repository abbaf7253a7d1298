{{ config(enabled=segmentation.has_shop()) }}

{%- set filled_by = segmentation.setting('data_quality') %}
{%- set is_thelook = segmentation.setting('shop_orders') == 'thelook_orders' %}
{#- Another shop whose mapping counts nothing has no rows. #}
{%- set counts = ref(filled_by)
    if is_thelook or filled_by != 'thelook_data_quality' %}

with checks as (
    {{ contract_rows('data_quality', counts, model.columns) }}
)

select
    table_name,
    check_name,
    rows,
    share,
    action,
    money,
    example
from checks
