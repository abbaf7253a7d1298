{#-
    The features of a row of `features` as two lists, numbers and categories,
    each in the order of feature_columns(). A missing number is NaN: lists of
    doubles without a null are read many times faster. A list without an element
    holds one that means nothing, so that it has a type.
-#}
{% macro feature_numbers(columns) %}
    {%- set numbers = [] -%}
    {%- for column in columns if column.kind == 'number' -%}
        {%- do numbers.append(
            'coalesce(cast(features.' ~ column.name
            ~ " as double), cast('NaN' as double))"
        ) -%}
    {%- endfor -%}
    {{- segmentation.vector_of(numbers or ["cast('NaN' as double)"]) -}}
{% endmacro %}


{% macro feature_levels(columns) %}
    {%- set levels = [] -%}
    {%- for column in columns if column.kind == 'category' -%}
        {%- do levels.append('cast(features.' ~ column.name ~ ' as string)') -%}
    {%- endfor -%}
    {{- segmentation.vector_of(levels or ['cast(null as string)']) -}}
{% endmacro %}
