{#-
    The recipe of a segmentation, checked against its feature model and with
    every feature's kind filled in: what the plan stores as JSON and what the
    Python side reads. Raises one sentence for the first thing that is wrong.
-#}
{% macro resolved_recipe(segmentation, features_model) %}
    {% set recipe = segmentation_recipe(segmentation) %}
    {% if not execute %}{{ return(recipe) }}{% endif %}
    {% do check_settings(recipe, segmentation) %}
    {% set kinds = {} %}
    {% for column in feature_columns(features_model) %}
        {% do kinds.update({column.name: column.kind}) %}
    {% endfor %}
    {% do check_features(recipe, kinds, features_model) %}
    {% set features = [] %}
    {% for feature in recipe['features'] %}
        {% set words = feature.name | replace('_', ' ') %}
        {% do features.append({
            'name': feature.name,
            'kind': kinds.get(feature.name),
            'transform': feature.get('transform', 'none'),
            'low': feature.get('low', 'low ' ~ words),
            'high': feature.get('high', 'high ' ~ words),
            'triggers': feature.get('triggers', true),
        }) %}
    {% endfor %}
    {% do recipe.update({'features': features}) %}
    {{ return(recipe) }}
{% endmacro %}
