{% macro vector_element(vector, position) %}
    {{- vector ~ '[' ~ position ~ ']' -}}
{% endmacro %}
