{% macro vector_collect(expression, order_by) %}
    {{ return(adapter.dispatch('vector_collect', 'segmentation')(
        expression, order_by
    )) }}
{% endmacro %}

{% macro default__vector_collect(expression, order_by) %}
    {{- 'list(' ~ expression ~ ' order by ' ~ order_by ~ ')' -}}
{% endmacro %}

{#- Spark's collect_list has no order: sort pairs, keep the second of each. #}
{% macro spark__vector_collect(expression, order_by) %}
    {%- set pairs = 'collect_list(struct(' ~ order_by ~ ' as sort_key, '
        ~ expression ~ ' as element))' -%}
    {{- segmentation.vector_map(
        segmentation.vector_sort(pairs), 'pair', 'pair.element'
    ) -}}
{% endmacro %}
