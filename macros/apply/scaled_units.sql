{#-
    Applies the fitted scaling: one list of encoded, standardised values per
    unit and version. Which features take part is read from the parameters at
    run time, so a version fitted with another recipe is applied by the same
    SQL. A row with a missing value that the version does not fill has a null in
    its list and is left out here.
-#}
{% macro scaled_units(s, units, scaling) %}
{% set columns = segmentation.feature_columns(s) %}
{% set numbers = columns | selectattr('kind', 'equalto', 'number')
    | map(attribute='name') | list %}
{% set categories = columns | selectattr('kind', 'equalto', 'category')
    | map(attribute='name') | list %}
{#- One vector: numbers first, then the codes of categories; and beside it the
    levels that the categories are known by. #}
{% set places, known = [], [] %}
{% for name in numbers %}
    {% do places.append('cast(features.' ~ name ~ ' as double)') %}
    {% do known.append('cast(null as string)') %}
{% endfor %}
{% for name in categories %}
    {% do places.append(name ~ '_levels.code') %}
    {% do known.append(
        "case when " ~ name ~ "_levels.level is not null or features."
        ~ name ~ " = '(missing)' then features." ~ name
        ~ " else '(other)' end"
    ) %}
{% endfor %}
with inputs as (

    {% for feature in numbers + categories -%}
    select '{{ feature }}' as feature, {{ loop.index }} as input
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- else -%}
    select cast(null as string) as feature, 1 as input
    {%- endfor %}

),

encoded_columns as (

    select
        scaling.model_version,
        scaling.position,
        max(inputs.input) as input,
        max(case when scaling.transform = 'famd' then scaling.level end)
            as level,
        max(scaling.transform) as transform,
        max(scaling.fill_value) as fill_value,
        max(scaling.center) as center,
        max(scaling.scale) as scale,
        max(scaling.weight) as weight
    from {{ scaling }} as scaling
    left join inputs on scaling.feature = inputs.feature
    group by scaling.model_version, scaling.position

),

parameters as (

    select
        model_version,
        {{ segmentation.vector_collect(segmentation.struct_of([
            ['input', 'input'], ['level', 'level'],
            ['transform', 'transform'], ['fill_value', 'fill_value'],
            ['center', 'center'], ['scale', 'scale'], ['weight', 'weight'],
        ]), order_by='position') }} as encoded_columns
    from encoded_columns
    group by model_version

),

{%- for category in categories %}

{{ category }}_levels as (

    select
        model_version,
        level,
        code
    from {{ scaling }}
    where feature = '{{ category }}'

),
{%- endfor %}

vectors as (

    select
        features.{{ s.key_column }},
        parameters.model_version,
        parameters.encoded_columns,
        {{ segmentation.vector_of(places) | indent(8) }} as numbers,
        {{ segmentation.vector_of(known) | indent(8) }} as levels
    from {{ units }} as features
    cross join parameters
    {%- for category in categories %}
    left join {{ category }}_levels
        on parameters.model_version = {{ category }}_levels.model_version
        and features.{{ category }} = {{ category }}_levels.level
    {%- endfor %}

),

scaled as (

    select
        {{ s.key_column }},
        model_version,
        {{ segmentation.vector_map(
            'encoded_columns', 'p', segmentation.scaled_value('p')
        ) }} as scaled_values
    from vectors

)

select
    {{ s.key_column }},
    cast(model_version as bigint) as model_version,
    {#- DuckDB's list_dot_product refuses nulls in lists filtered away, too. #}
    {{ segmentation.vector_map('scaled_values', 'x', 'coalesce(x, 0.0e0)') }}
        as scaled_values
from scaled
where not {{ segmentation.vector_has_null('scaled_values') }}
{% endmacro %}
