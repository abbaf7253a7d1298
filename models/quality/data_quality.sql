{{ config(enabled=segmentation.has_shop()) }}
{#- The tests of the shop judge what is published, whoever reads its tables. #}
{%- if not execute %}
    {%- set judged = [
        ref('shop_customers'),
        ref('shop_orders'),
        ref('shop_order_items'),
        ref('shop_products'),
    ] %}
{%- endif %}
{%- set filled_by = segmentation.setting('data_quality') %}
{%- set is_thelook = segmentation.setting('shop_orders') == 'thelook_orders' %}

with checks as (
    {% if filled_by != 'thelook_data_quality' or is_thelook -%}
        select * from {{ ref(filled_by) }}
    {%- else -%}
        {#- Another shop whose mapping counts nothing. -#}
        select
            cast(null as string) as table_name,
            cast(null as string) as check_name,
            cast(null as bigint) as rows,
            cast(null as double) as share,
            cast(null as string) as action
        where false
    {%- endif %}
)

select
    table_name,
    check_name,
    rows,
    share,
    action
from checks
