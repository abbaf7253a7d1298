{#-
    Every segmented row with its features as readable values: categories as
    they are, numbers in bands. A band is as wide as the largest of 1, 2 or
    5 times a power of ten that fits in the standard deviation.
-#}
{% macro banded_features(entity, key) %}
{% set columns = segmentation.feature_columns(segmentation.named_entry(entity)) %}
{% set numbers = columns | selectattr('kind', 'equalto', 'number')
    | map(attribute='name') | list %}
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

{% if numbers %}
steps as (

    select
        {%- for name in numbers %}
        max(case when feature = '{{ name }}' then width end)
            as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from widths

),

greatest_values as (

    select
        {%- for name in numbers %}
        max(case when feature = '{{ name }}' then greatest_value end)
            as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from widths

),

{% endif %}
bands as (

    select
        segments.{{ key }},
        segments.segment_id,
        segments.segment_name
        {%- for column in columns %},
        features.{{ column.name }} as value_{{ loop.index }}
        {%- if column.kind == 'number' %},
        steps.{{ column.name }} as step_{{ loop.index }},
        {{ segmentation.band_start(
            'features.' ~ column.name,
            'steps.' ~ column.name,
            'greatest_values.' ~ column.name
        ) }} as start_{{ loop.index }}
        {%- endif %}
        {%- endfor %}
    from features
    inner join segments on features.{{ key }} = segments.{{ key }}
    {%- if numbers %}
    cross join steps
    cross join greatest_values
    {%- endif %}

)

select
    {{ key }},
    segment_id,
    segment_name
    {%- for column in columns %},
    {% if column.kind == 'number' -%}
    {{ segmentation.band_label(
        'value_' ~ loop.index,
        'start_' ~ loop.index,
        'step_' ~ loop.index,
        column.is_whole
    ) }}
    {%- else -%}
    value_{{ loop.index }}
    {%- endif %} as {{ column.name }}
    {%- endfor %}
from bands
{% endmacro %}
