{#- A struct from a list of [name, expression] pairs, in that order. -#}
{% macro struct_of(fields) %}
    {{ return(adapter.dispatch('struct_of', 'segmentation')(fields)) }}
{% endmacro %}

{% macro default__struct_of(fields) %}
    {%- set parts = [] -%}
    {%- for name, expression in fields -%}
        {%- do parts.append(name ~ ' := ' ~ expression) -%}
    {%- endfor -%}
    {{- 'struct_pack(' ~ parts | join(', ') ~ ')' -}}
{% endmacro %}

{% macro spark__struct_of(fields) %}
    {%- set parts = [] -%}
    {%- for name, expression in fields -%}
        {%- do parts.append(expression ~ ' as ' ~ name) -%}
    {%- endfor -%}
    {{- 'struct(' ~ parts | join(', ') ~ ')' -}}
{% endmacro %}
