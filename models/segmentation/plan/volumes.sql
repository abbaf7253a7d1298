-- noqa: disable=LT02,AL05
{{ config(materialized='table') }}
{#- The shop is measured once, by the first segmentation that is of it. -#}
{% set entries = segmentation.segmentations() %}
{% set of_shop = entries | selectattr('is_shop') | list %}
{% set measured = of_shop[:1] + entries | rejectattr('is_shop') | list %}

with published as (

    {{ segmentation.earlier(source('segmentation_state', 'published_volumes'), [
        ['segmentation', 'string'], ['measure', 'string'], ['amount', 'double'],
    ]) | indent(4) }}

),

continuity as (

    {% if segmentation.has_segmentation('customer') -%}
    select is_same_shop from {{ ref('shop_continuity') }}
    {%- else -%}
    select true as is_same_shop
    {%- endif %}

),

{% if of_shop -%}
-- What an item is and cost is lost with its product's row, not with the item.
of_shop as (

    select
        'number of customers' as measure,
        count(*) as amount
    from {{ ref('shop_customers') }}
    union all
    select
        'number of orders' as measure,
        count(*) as amount
    from {{ ref('shop_orders') }}
    union all
    select
        'number of products' as measure,
        count(*) as amount
    from {{ ref('shop_products') }}
    union all
    select
        'sum of sale prices' as measure,
        coalesce(sum(sale_price), 0) as amount
    from {{ ref('shop_order_items') }}
    union all
    select
        'number of items with a category' as measure,
        count(category) as amount
    from {{ ref('shop_order_items') }}
    union all
    select
        'number of items with a cost' as measure,
        count(cost) as amount
    from {{ ref('shop_order_items') }}

),

{% endif -%}
{% for s in measured -%}
{{ s.name }}_volumes as (

    select
        '{{ s.name }}' as segmentation,
        {{ s.is_shop }} as is_shop,
        {%- if s.is_shop %}
        measure,
        cast(amount as double) as amount
    from of_shop
        {%- else %}
        'number of {{ s.unit }}' as measure,
        cast(count(*) as double) as amount
    from {{ segmentation.unit_rows(s) }} as units
        {%- endif %}

),

{% endfor -%}
measured as (
{% for s in measured %}
    select * from {{ s.name }}_volumes
    {{ 'union all' if not loop.last }}
{%- endfor %}
)

select
    measured.segmentation,
    measured.measure,
    measured.amount,
    published.amount as published_amount,
    round(
        coalesce(1 - measured.amount / nullif(published.amount, 0), 0), 9
    ) as fall
from measured
cross join continuity
left join published
    on
        measured.segmentation = published.segmentation
        and measured.measure = published.measure
        and (continuity.is_same_shop or not measured.is_shop)
