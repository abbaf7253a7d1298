{#-
    Every segmented row with its features as readable values: categories as
    they are, numbers in bands. A band is as wide as the largest of 1, 2 or
    5 times a power of ten that fits in the standard deviation.
-#}
{% macro banded_features(entity, key) %}
{% set columns = segmentation.feature_columns(entity ~ '_features') %}
{% set numbers = columns | selectattr('kind', 'equalto', 'number') | list %}
with features as (

    select * from {{ ref(entity ~ '_features') }}

),

segments as (

    select * from {{ ref(entity ~ '_segments') }}

),

moments as (

    select * from {{ ref('int_' ~ entity ~ '_feature_moments') }}
    where segment_id is null

),

widths as (

    select
        feature,
        greatest_value,
        {{ segmentation.band_width('standard_deviation') }} as width
    from moments

),

steps as (

    select
        {%- for column in numbers %}
        max(case when feature = '{{ column.name }}' then width end)
            as {{ column.name }},
        max(case when feature = '{{ column.name }}' then greatest_value end)
            as {{ column.name }}_greatest{{ ',' if not loop.last }}
        {%- endfor %}
    from widths

)

select
    segments.{{ key }},
    segments.segment_id,
    segments.segment_name
    {%- for column in columns %},
    {% if column.kind == 'number' -%}
    {{ segmentation.band_label(
        'features.' ~ column.name,
        'steps.' ~ column.name,
        'steps.' ~ column.name ~ '_greatest',
        column.is_whole
    ) }}
    {%- else -%}
    features.{{ column.name }}
    {%- endif %} as {{ column.name }}
    {%- endfor %}
from features
inner join segments on features.{{ key }} = segments.{{ key }}
cross join steps
{% endmacro %}
