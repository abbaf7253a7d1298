{% macro share_of(part, whole) %}
    coalesce(cast({{ part }} as double) / nullif({{ whole }}, 0), 0.0e0)
{%- endmacro %}
