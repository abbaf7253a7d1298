{#-
    Disappears with the chain that is made of one model per segmentation: its
    models name a segmentation, and plan models carry a recipe in their meta.
-#}
{% macro named_entry(name) %}
    {% for entry in segmentation.segmentations() if entry.name == name %}
        {{ return(entry) }}
    {% endfor %}
    {% set carried = namespace(recipe=none) %}
    {% if execute %}
        {% for node in graph.nodes.values()
            if node.config.get('meta', {}).get('segmentation') == name %}
            {% set carried.recipe = node.config.meta.get('recipe') %}
        {% endfor %}
    {% endif %}
    {{ return(segmentation.complete_entry(name, {
        'table': name ~ '_features', 'recipe': carried.recipe,
    })) }}
{% endmacro %}
