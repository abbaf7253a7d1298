{% macro vector_element(vector, position) %}
    {{ return(adapter.dispatch('vector_element', 'segmentation')(
        vector, position
    )) }}
{% endmacro %}

{% macro default__vector_element(vector, position) %}
    {{- vector ~ '[' ~ position ~ ']' -}}
{% endmacro %}

{% macro spark__vector_element(vector, position) %}
    {{- 'try_element_at(' ~ vector ~ ', cast(' ~ position ~ ' as int))' -}}
{% endmacro %}
