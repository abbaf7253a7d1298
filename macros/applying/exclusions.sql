{#-
    Everyone who has no segment, with the reason: not in the feature table at
    all, or without a value that the serving model needs and does not fill.
-#}
{% macro exclusions(entity, key, population, absent_reason) %}
with population as (

    select * from {{ population }}

),

features as (

    select * from {{ ref(entity ~ '_features') }}

),

segments as (

    select * from {{ ref(entity ~ '_segments') }}

),

scaling as (

    select * from {{ ref(entity ~ '_scaling') }}

),

serving_model as (

    select * from {{ ref('int_' ~ entity ~ '_serving_model') }}

),

needed as (

    select distinct scaling.feature
    from scaling
    inner join serving_model
        on scaling.model_version = serving_model.model_version
    where scaling.fill_value is null

),

absent as (

    select
        population.{{ key }},
        '{{ absent_reason }}' as reason
    from population
    left join features on population.{{ key }} = features.{{ key }}
    where features.{{ key }} is null

),

incomplete as (

    select
        features.{{ key }},
        concat('no value for ', concat_ws(', '
        {%- for column in segmentation.feature_columns(segmentation.named_entry(entity)) -%}
        , case
            when {{ segmentation.is_missing('features.' ~ column.name, column.kind) }}
                and exists (
                    select 1 from needed
                    where needed.feature = '{{ column.name }}'
                ) then '{{ column.name }}'
        end
        {%- endfor -%}
        )) as reason
    from features
    left join segments on features.{{ key }} = segments.{{ key }}
    where segments.{{ key }} is null

)

select * from absent
union all
select * from incomplete
{% endmacro %}


{% macro is_missing(value, kind) -%}
{{ value }}{{ " is null" if kind == 'number' else " = '(missing)'" }}
{%- endmacro %}
