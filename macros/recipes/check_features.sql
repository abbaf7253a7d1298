{#- Every feature of a recipe exists, once, and its transform fits its kind. -#}
{% macro check_features(recipe, kinds, features_model) %}
    {% set where = "Recipe '" ~ recipe['name'] ~ "' " %}
    {% if recipe['features'] is string or recipe['features'] is not sequence or not recipe['features'] %}
        {% do exceptions.raise_compiler_error(
            where ~ "names no feature. List at least one under `features`, "
            ~ "e.g. `- {name: total_spend, transform: log1p}`."
        ) %}
    {% endif %}
    {% set seen = [] %}
    {% for feature in recipe['features'] %}
        {% if feature is not mapping or 'name' not in feature %}
            {% do exceptions.raise_compiler_error(
                where ~ "has a feature without a name: " ~ feature
                ~ ". Write it as `- {name: total_spend}`."
            ) %}
        {% elif kinds and feature.name not in kinds %}
            {% do exceptions.raise_compiler_error(
                where ~ "names the feature '" ~ feature.name ~ "', which "
                ~ features_model ~ " does not have. It has: "
                ~ (kinds.keys() | join(', ')) ~ ". Correct the name in the recipe."
            ) %}
        {% elif feature.name in seen %}
            {% do exceptions.raise_compiler_error(
                where ~ "names the feature '" ~ feature.name
                ~ "' twice. Remove one of them."
            ) %}
        {% elif feature.get('transform', 'none') not in ['none', 'log1p'] %}
            {% do exceptions.raise_compiler_error(
                where ~ "gives feature '" ~ feature.name ~ "' the transform '"
                ~ feature.transform ~ "'. Use none or log1p."
            ) %}
        {% elif kinds.get(feature.name) == 'category' and feature.get('transform', 'none') != 'none' %}
            {% do exceptions.raise_compiler_error(
                where ~ "gives the category '" ~ feature.name
                ~ "' a transform. Only numbers have one: remove it."
            ) %}
        {% endif %}
        {% do seen.append(feature.name) %}
    {% endfor %}
{% endmacro %}
