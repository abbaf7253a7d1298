{#-
    What a segmentation's features are published as: a table that is cleaned on
    reading gets the segmentation's name.
-#}
{% macro features_table(s) -%}
{{ s.name ~ '_features' if s.columns else s.table }}
{%- endmacro %}


{#- The type of a segmentation's key: what the id as text is cast back to. -#}
{% macro key_type(s) %}
    {% if s.columns %}{{ return(s.key_type) }}{% endif %}
    {% set type = namespace(name='string') %}
    {% if execute %}
        {% for node in graph.nodes.values() if node.name == s.table
            and node.resource_type == 'model' %}
            {% set column = node.columns.get(s.key_column, {}) %}
            {% set type.name = column.get('data_type') or 'string' %}
        {% endfor %}
    {% endif %}
    {{ return(type.name) }}
{% endmacro %}
