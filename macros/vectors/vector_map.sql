{#- A vector of what an expression makes of each element. -#}
{% macro vector_map(vector, element, expression) %}
    {{ return(adapter.dispatch('vector_map', 'segmentation')(
        vector, element, expression
    )) }}
{% endmacro %}

{% macro default__vector_map(vector, element, expression) %}
    {{- 'list_transform(' ~ vector ~ ', lambda ' ~ element ~ ': ' ~ expression
        ~ ')' -}}
{% endmacro %}

{% macro spark__vector_map(vector, element, expression) %}
    {{- 'transform(' ~ vector ~ ', ' ~ element ~ ' -> ' ~ expression ~ ')' -}}
{% endmacro %}
