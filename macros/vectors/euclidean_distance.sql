{% macro euclidean_distance(left, right) %}
    {{- 'list_distance(' ~ left ~ ', ' ~ right ~ ')' -}}
{% endmacro %}
