{#-
    How a feature table becomes one vector: numbers first, then categories, in
    the order of the contract. `vector_inputs` lists name and position;
    `input_numbers` puts numbers (and label codes) in those places,
    `input_levels` the levels a category is known by.
-#}
{% macro vector_inputs(numbers, categories) -%}
{% for feature in numbers + categories -%}
select '{{ feature }}' as feature, {{ loop.index }} as input
{%- if not loop.last %}
union all
{% endif %}
{%- endfor %}
{%- endmacro %}


{% macro input_numbers(numbers, categories) %}
    {%- set places = [] -%}
    {%- for name in numbers -%}
        {%- do places.append('cast(features.' ~ name ~ ' as double)') -%}
    {%- endfor -%}
    {%- for name in categories -%}
        {%- do places.append(name ~ '_levels.code') -%}
    {%- endfor -%}
    {{- segmentation.vector_of(places) -}}
{% endmacro %}


{% macro input_levels(numbers, categories) %}
    {%- set places = [] -%}
    {%- for name in numbers -%}
        {%- do places.append('cast(null as string)') -%}
    {%- endfor -%}
    {%- for name in categories -%}
        {%- do places.append(
            "case when " ~ name ~ "_levels.level is not null or features."
            ~ name ~ " = '(missing)' then features." ~ name
            ~ " else '(other)' end"
        ) -%}
    {%- endfor -%}
    {{- segmentation.vector_of(places) -}}
{% endmacro %}


{#- The levels of one category that the versions in play know, with codes. -#}
{% macro known_levels(scaling, versions, category) -%}
select
    {{ scaling }}.model_version,
    {{ scaling }}.level,
    {{ scaling }}.code
from {{ scaling }}
inner join {{ versions }}
    on {{ scaling }}.model_version = {{ versions }}.model_version
where {{ scaling }}.feature = '{{ category }}'
{%- endmacro %}
