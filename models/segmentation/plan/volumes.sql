-- noqa: disable=LT02
{{ config(materialized='table') }}
{% set entries = segmentation.segmentations() %}
{% set of_shop = entries | selectattr('is_shop') | map(attribute='name')
    | list %}

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

-- The shop is measured once, by the first segmentation that is of it.
measured as (

    {% if of_shop -%}
    select
        '{{ of_shop[0] }}' as segmentation,
        'number of customers' as measure,
        cast(count(*) as double) as amount,
        true as is_shop
    from {{ ref('shop_customers') }}
    union all
    select
        '{{ of_shop[0] }}' as segmentation,
        'number of orders' as measure,
        cast(count(*) as double) as amount,
        true as is_shop
    from {{ ref('shop_orders') }}
    union all
    select
        '{{ of_shop[0] }}' as segmentation,
        'sum of sale prices' as measure,
        cast(coalesce(sum(sale_price), 0) as double) as amount,
        true as is_shop
    from {{ ref('shop_order_items') }}
    union all
    select
        '{{ of_shop[0] }}' as segmentation,
        'number of products' as measure,
        cast(count(*) as double) as amount,
        true as is_shop
    from {{ ref('shop_products') }}
    {%- endif %}
    {%- for s in entries if not s.is_shop %}
    {{ 'union all' if of_shop or not loop.first }}
    select
        '{{ s.name }}' as segmentation,
        'number of {{ s.unit }}' as measure,
        cast(count(*) as double) as amount,
        false as is_shop
    from {{ segmentation.unit_rows(s) }} as units
    {%- endfor %}

)

select
    measured.segmentation,
    measured.measure,
    measured.amount,
    published.amount as published_amount,
    coalesce(1 - measured.amount / nullif(published.amount, 0), 0) as fall
from measured
cross join continuity
left join published
    on
        measured.segmentation = published.segmentation
        and measured.measure = published.measure
        and (continuity.is_same_shop or not measured.is_shop)
