{% macro share_of(part, whole) %}
    cast({{ part }} as double) / nullif({{ whole }}, 0)
{%- endmacro %}
