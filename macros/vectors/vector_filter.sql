{#- The elements of a vector for which a condition holds. -#}
{% macro vector_filter(vector, element, condition) %}
    {{ return(adapter.dispatch('vector_filter', 'segmentation')(
        vector, element, condition
    )) }}
{% endmacro %}

{% macro default__vector_filter(vector, element, condition) %}
    {{- 'list_filter(' ~ vector ~ ', lambda ' ~ element ~ ': ' ~ condition
        ~ ')' -}}
{% endmacro %}

{% macro spark__vector_filter(vector, element, condition) %}
    {{- 'filter(' ~ vector ~ ', ' ~ element ~ ' -> ' ~ condition ~ ')' -}}
{% endmacro %}
