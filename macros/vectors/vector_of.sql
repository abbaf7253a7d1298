{% macro vector_of(expressions) %}
    {{ return(adapter.dispatch('vector_of', 'segmentation')(expressions)) }}
{% endmacro %}

{% macro default__vector_of(expressions) %}
    {{- '[' ~ expressions | join(', ') ~ ']' -}}
{% endmacro %}

{% macro spark__vector_of(expressions) %}
    {{- 'array(' ~ expressions | join(', ') ~ ')' -}}
{% endmacro %}
