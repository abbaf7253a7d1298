{#- A struct from a list of [name, expression] pairs, in that order. -#}
{% macro struct_of(fields) %}
    {%- set parts = [] -%}
    {%- for name, expression in fields -%}
        {%- do parts.append(name ~ ' := ' ~ expression) -%}
    {%- endfor -%}
    {{- 'struct_pack(' ~ parts | join(', ') ~ ')' -}}
{% endmacro %}
