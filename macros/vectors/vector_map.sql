{#- A vector of what an expression makes of each element. -#}
{% macro vector_map(vector, element, expression) %}
    {{- 'list_transform(' ~ vector ~ ', lambda ' ~ element ~ ': ' ~ expression
        ~ ')' -}}
{% endmacro %}
