{#- The elements of a vector for which a condition holds. -#}
{% macro vector_filter(vector, element, condition) %}
    {{- 'list_filter(' ~ vector ~ ', lambda ' ~ element ~ ': ' ~ condition
        ~ ')' -}}
{% endmacro %}
