{#-
    The value, as one type, of what a column names: `values` are literals of
    that column and what is read for each, null for others.
-#}
{% macro value_of(column, values, type) -%}
case {{ column }}
    {%- for literal, value in values %}
    when {{ literal }} then cast({{ value }} as {{ type }})
    {%- else %} when null then cast(null as {{ type }})
    {%- endfor %}
end
{%- endmacro %}


{#-
    Features in parts, at most 48: one scan and one aggregate for each. Those
    of hundreds of features at once take gigabytes.
-#}
{% macro feature_parts(features) %}
    {{ return(features | batch((features | length + 47) // 48) | list
        if features else []) }}
{% endmacro %}
