{#-
    Applies the fitted scaling: one list of encoded, standardised values per
    unit and version. Which features take part is read from the parameters at
    run time, so a version fitted with another recipe is applied by the same
    SQL. A row with a missing value that the version does not fill has a null in
    its list and is left out here.

    log1p is sign(x)·ln(1 + |x|), x in units, so that negative numbers have one
    too. A number that is shrunk is drawn towards prior_mean, the more the less
    its count, which is none where it is missing, is above prior_count. A
    missing value becomes the fill value, and stays missing where the recipe
    fills nothing; a level never seen at fit time gets the centre of its label
    codes, so that it pulls nowhere.
-#}
{% macro scaled_units(s, units, scaling) %}
{#- Two vectors of one length: numbers, and the texts of categories. #}
{% set numbers, levels = [], [] %}
{% for feature in segmentation.feature_columns(s) %}
    {% set value = 'features.' ~ feature.name %}
    {% set number, level = [value, 'null'] if feature.kind == 'number'
        else ['null', value] %}
    {% do numbers.append('cast(' ~ number ~ ' as double)') %}
    {% do levels.append('cast(' ~ level ~ ' as string)') %}
{% endfor %}
{% set parameters = [
    'transform', 'fill_value', 'center', 'scale', 'weight', 'unit',
    'prior_mean', 'prior_count',
] %}
{% set level = 'levels[p.input]' %}
{% set known = 'list_filter(p.known_levels, lambda l: l.level = '
    ~ level ~ ')[1]' %}
{% set filled = 'coalesce(numbers[p.input], p.fill_value)'
    ~ ' / coalesce(p.unit, 1)' %}
{% set counted = 'greatest(coalesce(numbers[p.count_input], 0), 0)' %}
{% set transformed %}case
                when p.transform = 'log1p'
                    then sign({{ filled }}) * ln(1 + abs({{ filled }}))
                else {{ filled }}
            end
{%- endset %}
{% set scaled_value %}
(case
            when p.transform = 'famd' then case
                when {{ level }} = p.level then 1.0e0
                when {{ level }} = '(missing)' then p.fill_value
                when p.level = '(other)' and {{ known }} is null then 1.0e0
                else 0.0e0
            end
            when p.transform = 'label' then case
                when {{ known }} is not null then {{ known }}.code
                when {{ level }} = '(missing)' then p.fill_value
                else p.center
            end
            when p.prior_count is null then {{ transformed }}
            else p.prior_mean + ({{ transformed }} - p.prior_mean)
                * ({{ counted }} / ({{ counted }} + p.prior_count))
        end - p.center) / p.scale * p.weight
{%- endset %}
with inputs as (

    {% for feature in segmentation.feature_columns(s) -%}
    select '{{ feature.name }}' as feature, {{ loop.index }} as input
    {{ 'union all' if not loop.last }}
    {% else -%}
    select cast(null as string) as feature, 1 as input
    {%- endfor %}

),

known_levels as (

    select
        model_version,
        feature,
        list(struct_pack(level := level, code := code) order by level)
            as known_levels
    from {{ scaling }}
    where level is not null
    group by model_version, feature

),

encoded_columns as (

    select
        scaling.model_version,
        scaling.position,
        scaling.feature,
        max(inputs.input) as input,
        max(counts.input) as count_input,
        max(case when scaling.transform = 'famd' then scaling.level end)
            as level,
        {%- for parameter in parameters %}
        max(scaling.{{ parameter }}) as {{ parameter }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ scaling }} as scaling
    left join inputs on scaling.feature = inputs.feature
    left join inputs as counts on scaling.shrink_by = counts.feature
    group by scaling.model_version, scaling.position, scaling.feature

),

parameters as (

    select
        encoded_columns.model_version,
        list(struct_pack(
            input := input,
            count_input := count_input,
            level := level,
            known_levels := known_levels
            {%- for parameter in parameters %},
            {{ parameter }} := {{ parameter }}
            {%- endfor %}
        ) order by position) as encoded_columns
    from encoded_columns
    left join known_levels
        on encoded_columns.model_version = known_levels.model_version
        and encoded_columns.feature = known_levels.feature
    group by encoded_columns.model_version

),

vectors as (

    select
        features.{{ s.key_column }},
        parameters.model_version,
        parameters.encoded_columns,
        [{{ numbers | join(', ') }}] as numbers,
        [{{ levels | join(', ') }}] as levels
    from {{ units }} as features
    cross join parameters

),

scaled as (

    select
        {{ s.key_column }},
        model_version,
        list_transform(encoded_columns, lambda p: {{ scaled_value }})
            as scaled_values
    from vectors

)

select
    {{ s.key_column }},
    cast(model_version as bigint) as model_version,
    {#- DuckDB's list_dot_product refuses nulls in lists filtered away, too. #}
    list_transform(scaled_values, lambda x: coalesce(x, 0.0e0))
        as scaled_values
from scaled
where list_filter(scaled_values, lambda x: x is null) = []
{% endmacro %}
