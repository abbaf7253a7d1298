{% macro euclidean_distance(left, right) %}
    {{ return(adapter.dispatch('euclidean_distance', 'segmentation')(
        left, right
    )) }}
{% endmacro %}

{% macro default__euclidean_distance(left, right) %}
    {{- 'list_distance(' ~ left ~ ', ' ~ right ~ ')' -}}
{% endmacro %}

{% macro spark__euclidean_distance(left, right) %}
    {{- 'sqrt(' ~ segmentation.vector_sum(
        'zip_with(' ~ left ~ ', ' ~ right ~ ', (x, y) -> (x - y) * (x - y))'
    ) ~ ')' -}}
{% endmacro %}
