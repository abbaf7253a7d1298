{#-
    Applies `<segmentation>_scaling` to every row of `<segmentation>_features`:
    one list of encoded, standardised values per row and version in play.
    Which features take part is read from the parameters at run time, so a
    version fitted with another recipe is applied by the same SQL. A row with a
    missing value that the version does not fill has a null in its list and is
    left out here; `<segmentation>_exclusions` says why.
-#}
{% macro scaled_features(entity, key) %}
{% set columns = segmentation.feature_columns(segmentation.named_entry(entity)) %}
{% set numbers = columns | selectattr('kind', 'equalto', 'number')
    | map(attribute='name') | list %}
{% set categories = columns | selectattr('kind', 'equalto', 'category')
    | map(attribute='name') | list %}
with features as (

    select * from {{ ref(entity ~ '_features') }}

),

scaling as (

    select * from {{ ref(entity ~ '_scaling') }}

),

versions as (

    select * from {{ ref('int_' ~ entity ~ '_versions_in_play') }}

),

inputs as (

    {{ segmentation.vector_inputs(numbers, categories) | indent(4) }}

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
    from scaling
    inner join versions on scaling.model_version = versions.model_version
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

    {{ segmentation.known_levels('scaling', 'versions', category) | indent(4) }}

),
{%- endfor %}

vectors as (

    select
        features.{{ key }},
        parameters.model_version,
        parameters.encoded_columns,
        {{ segmentation.input_numbers(numbers, categories) }} as numbers,
        {{ segmentation.input_levels(numbers, categories) }} as levels
    from features
    cross join parameters
    {%- for category in categories %}
    left join {{ category }}_levels
        on parameters.model_version = {{ category }}_levels.model_version
        and features.{{ category }} = {{ category }}_levels.level
    {%- endfor %}

),

scaled as (

    select
        {{ key }},
        model_version,
        {{ segmentation.vector_map('encoded_columns', 'p', segmentation.scaled_value('p')) }}
            as scaled_values
    from vectors

)

select
    {{ key }},
    cast(model_version as bigint) as model_version,
    {#- DuckDB's list_dot_product refuses nulls in lists filtered away, too. #}
    {{ segmentation.vector_map('scaled_values', 'x', 'coalesce(x, 0.0e0)') }} as scaled_values
from scaled
where not {{ segmentation.vector_has_null('scaled_values') }}
{% endmacro %}
