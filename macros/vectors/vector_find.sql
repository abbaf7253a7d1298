{% macro vector_find(vector, element, condition) %}
    {{ return(adapter.dispatch('vector_find', 'segmentation')(vector, element, condition)) }}
{% endmacro %}

{% macro default__vector_find(vector, element, condition) %}
    {{- 'list_filter(' ~ vector ~ ', lambda ' ~ element ~ ': ' ~ condition ~ ')[1]' -}}
{% endmacro %}

{% macro spark__vector_find(vector, element, condition) %}
    {{- 'try_element_at(filter(' ~ vector ~ ', ' ~ element ~ ' -> ' ~ condition ~ '), 1)' -}}
{% endmacro %}
