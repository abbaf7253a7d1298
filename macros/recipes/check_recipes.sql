{#-
    Checks the recipe of every segmentation of the project: those whose plan
    model says `meta: {segmentation: …, features: …}`. Runs on-run-start, so
    that a wrong setting is one sentence and not a traceback half-way.
-#}
{% macro check_recipes() %}
    {% if execute %}
        {% for node in graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'model')
            | selectattr('config.enabled') if node.config.meta.get('segmentation') %}
            {% do segmentation.resolved_recipe(node.config.meta.segmentation, node.config.meta.features) %}
            {% do segmentation.segmentation_policy(node.config.meta.segmentation) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
