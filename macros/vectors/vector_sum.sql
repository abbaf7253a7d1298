{% macro vector_sum(vector) %}
    {{ return(adapter.dispatch('vector_sum', 'segmentation')(vector)) }}
{% endmacro %}

{% macro default__vector_sum(vector) %}
    {{- 'list_sum(' ~ vector ~ ')' -}}
{% endmacro %}

{% macro spark__vector_sum(vector) %}
    {{- 'aggregate(' ~ vector ~ ', 0.0e0, (total, x) -> total + x)' -}}
{% endmacro %}
