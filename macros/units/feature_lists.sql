{#-
    Two select items, numbers and levels: the features of rows of a segmentation
    as lists, in the order of feature_columns(). A missing number is NaN: lists
    of doubles without a null are read many times faster. A list without an
    element holds one that means nothing, so that it has a type.
-#}
{% macro feature_lists(s, rows) %}
{%- set numbers, levels = [], [] %}
{%- for feature in segmentation.feature_columns(s) %}
    {%- set value = rows ~ '.' ~ feature.name %}
    {%- if feature.kind == 'number' %}
        {%- do numbers.append(
            'coalesce(cast(' ~ value ~ " as double), cast('NaN' as double))"
        ) %}
    {%- else %}
        {%- do levels.append('cast(' ~ value ~ ' as string)') %}
    {%- endif %}
{%- endfor %}
[{{ (numbers or ["cast('NaN' as double)"]) | join(', ') }}] as numbers,
[{{ (levels or ['cast(null as string)']) | join(', ') }}] as levels
{%- endmacro %}
