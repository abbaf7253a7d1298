{% macro vector_of(expressions) %}
    {{- '[' ~ expressions | join(', ') ~ ']' -}}
{% endmacro %}
