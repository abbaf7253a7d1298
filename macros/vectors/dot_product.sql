{% macro dot_product(left, right) %}
    {{- 'list_dot_product(' ~ left ~ ', ' ~ right ~ ')' -}}
{% endmacro %}
