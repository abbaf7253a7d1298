{#-
    How a feature table becomes one vector: numbers first, then categories, in
    the order of the contract. `input_numbers` puts numbers (and label codes) in
    those places, `input_levels` the levels a category is known by.
-#}
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
