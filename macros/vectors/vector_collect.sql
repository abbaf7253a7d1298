{% macro vector_collect(expression, order_by) %}
    {{ return(adapter.dispatch('vector_collect', 'segmentation')(expression, order_by)) }}
{% endmacro %}

{% macro default__vector_collect(expression, order_by) %}
    {{- 'list(' ~ expression ~ ' order by ' ~ order_by ~ ')' -}}
{% endmacro %}

{% macro spark__vector_collect(expression, order_by) %}
    {#- Spark's collect_list has no order of its own: sort pairs, keep the second. -#}
    {{- 'transform(array_sort(collect_list(struct(' ~ order_by ~ ' as sort_key, '
        ~ expression ~ ' as element))), pair -> pair.element)' -}}
{% endmacro %}
