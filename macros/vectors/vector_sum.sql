{% macro vector_sum(vector) %}
    {{- 'list_sum(' ~ vector ~ ')' -}}
{% endmacro %}
