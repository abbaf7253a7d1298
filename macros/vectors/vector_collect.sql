{% macro vector_collect(expression, order_by) %}
    {{- 'list(' ~ expression ~ ' order by ' ~ order_by ~ ')' -}}
{% endmacro %}
