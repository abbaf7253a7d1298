{% macro vector_has_null(vector) %}
    {{ return(adapter.dispatch('vector_has_null', 'segmentation')(vector)) }}
{% endmacro %}

{% macro default__vector_has_null(vector) %}
    {{- '(len(list_filter(' ~ vector ~ ', lambda x: x is null)) > 0)' -}}
{% endmacro %}

{% macro spark__vector_has_null(vector) %}
    {{- 'exists(' ~ vector ~ ', x -> x is null)' -}}
{% endmacro %}
