{#- Part / whole as a double; null where the whole is 0. Both are whole numbers,
    so the one division gives the same bits on every engine. -#}
{% macro share_of(part, whole) %}
    cast({{ part }} as double) / nullif({{ whole }}, 0)
{%- endmacro %}
