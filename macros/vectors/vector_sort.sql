{% macro vector_sort(vector) %}
    {{ return(adapter.dispatch('vector_sort', 'segmentation')(vector)) }}
{% endmacro %}

{% macro default__vector_sort(vector) %}
    {{- 'list_sort(' ~ vector ~ ')' -}}
{% endmacro %}

{% macro spark__vector_sort(vector) %}
    {{- 'array_sort(' ~ vector ~ ')' -}}
{% endmacro %}
