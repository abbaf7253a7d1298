-- Nothing is lost: every customer and product of the shop, and every row of any
-- other table, is in its segmentation's segments or in exclusions, once, and
-- nobody else is.
with serving_models as (

    select * from {{ ref('serving_models') }}

),

units as (

    {% for s in segmentation.segmentations() %}
        select
            '{{ s.name }}' as segmentation,
            cast(units.{{ s.key_column }} as string) as unit_id
        from
            {{ ref(s.population) if s.population
                else segmentation.unit_rows(s) }} as units
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

placed as (

    select
        segmentation,
        unit_id
    from {{ ref('unit_segments') }}
    union all
    select
        segmentation,
        unit_id
    from {{ ref('exclusions') }}

),

counted as (

    select
        segmentation,
        unit_id,
        sum(is_unit) as times_known,
        sum(is_placed) as times_placed
    from (
        select
            segmentation,
            unit_id,
            1 as is_unit,
            0 as is_placed
        from units
        union all
        select
            segmentation,
            unit_id,
            0 as is_unit,
            1 as is_placed
        from placed
    ) as known_and_placed
    group by segmentation, unit_id

)

select counted.*
from counted
inner join serving_models
    on counted.segmentation = serving_models.segmentation
where counted.times_known <> 1 or counted.times_placed <> 1
