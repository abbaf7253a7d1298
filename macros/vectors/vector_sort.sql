{% macro vector_sort(vector) %}
    {{- 'list_sort(' ~ vector ~ ')' -}}
{% endmacro %}
