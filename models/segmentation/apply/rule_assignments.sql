-- noqa: disable=LT02
-- The first rule wins all of whose conditions hold; one without a feature asks
-- nothing. A comparison with a missing value never holds.
{% set ruled = segmentation.segmentations()
    | selectattr('kind', 'equalto', 'rules') | list %}
{{ config(materialized='table', enabled=ruled | length > 0) }}

with rules as (

    select * from {{ ref('rule_segments') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

)

{%- for s in ruled %},
{%- set kinds = {'number': [], 'category': []} %}
{%- for feature in segmentation.feature_columns(s) %}
    {%- do kinds[feature.kind].append(feature.name) %}
{%- endfor %}

{{ s.name }}_asked as (

    select
        '{{ s.name }}' as segmentation,
        cast(units.{{ s.key_column }} as string) as unit_id,
        rules.position,
        rules.feature,
        rules.operator,
        rules.value,
        case rules.feature
            {%- for name in kinds.number %}
            when '{{ name }}' then cast(units.{{ name }} as double)
            {%- endfor %}
            when '' then cast(null as double)
        end as number,
        case rules.feature
            {%- for name in kinds.category %}
            when '{{ name }}'
                then nullif(cast(units.{{ name }} as string), '(missing)')
            {%- endfor %}
            when '' then cast(null as string)
        end as level
    from {{ segmentation.unit_rows(s) }} as units
    inner join rules on rules.segmentation = '{{ s.name }}'

)
{%- endfor %},

asked as (
{% for s in ruled %}
    select * from {{ s.name }}_asked
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

answered as (

    select
        segmentation,
        unit_id,
        position,
        coalesce(
            case operator
                when '=' then number = try_cast(value as double)
                when '<' then number < try_cast(value as double)
                when '<=' then number <= try_cast(value as double)
                when '>' then number > try_cast(value as double)
                when '>=' then number >= try_cast(value as double)
                when '<>' then number <> try_cast(value as double)
                when 'is missing' then number is null and level is null
                when 'is known' then number is not null or level is not null
            end,
            case operator
                when '=' then level = value
                when '<>' then level <> value
            end,
            feature is null
        ) as holds
    from asked

),

taken as (

    select
        segmentation,
        unit_id,
        position
    from answered
    group by segmentation, unit_id, position
    having count_if(not holds) = 0
    qualify row_number() over (
        partition by segmentation, unit_id order by position
    ) = 1

),

named as (

    select
        segmentation,
        position,
        min(trim(segment_name)) as segment_name
    from rules
    group by segmentation, position

)

select
    taken.segmentation,
    taken.unit_id,
    segment_names.segment_id,
    segment_names.segment_name,
    serving_models.model_version
from taken
inner join named
    on
        taken.segmentation = named.segmentation
        and taken.position = named.position
inner join serving_models on taken.segmentation = serving_models.segmentation
inner join segment_names
    on
        taken.segmentation = segment_names.segmentation
        and serving_models.model_version = segment_names.model_version
        and named.segment_name = segment_names.automatic_name
