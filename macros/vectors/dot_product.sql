{% macro dot_product(left, right) %}
    {{ return(adapter.dispatch('dot_product', 'segmentation')(left, right)) }}
{% endmacro %}

{% macro default__dot_product(left, right) %}
    {{- 'list_dot_product(' ~ left ~ ', ' ~ right ~ ')' -}}
{% endmacro %}

{% macro spark__dot_product(left, right) %}
    {{- segmentation.vector_sum(
        'zip_with(' ~ left ~ ', ' ~ right ~ ', (x, y) -> x * y)'
    ) -}}
{% endmacro %}
