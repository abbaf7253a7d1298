{#-
    The recipe of a segmentation, checked against its feature model and with
    every feature's kind filled in: what the plan stores as JSON and what the
    Python side reads. Raises one sentence for the first thing that is wrong.
-#}
{% macro resolved_recipe(entity, features_model) %}
    {% set recipe = segmentation.segmentation_recipe(entity) %}
    {% if not execute %}{{ return(recipe) }}{% endif %}
    {% do segmentation.check_settings(recipe, entity) %}
    {% set kinds = {} %}
    {% for column in segmentation.feature_columns(features_model) %}
        {% do kinds.update({column.name: column.kind}) %}
    {% endfor %}
    {% do segmentation.check_features(recipe, kinds, features_model) %}
    {% set features = [] %}
    {% for feature in recipe['features'] %}
        {% set words = feature.name | replace('_', ' ') %}
        {% do features.append({
            'name': feature.name,
            'kind': kinds.get(feature.name),
            'transform': feature.get('transform', 'none'),
            'low': feature.get('low', 'low ' ~ words),
            'high': feature.get('high', 'high ' ~ words),
            'triggers': feature.get(
                'triggers', not feature.name.startswith('days_since_')
            ),
        }) %}
    {% endfor %}
    {% do recipe.update({'features': features}) %}
    {{ return(recipe) }}
{% endmacro %}
