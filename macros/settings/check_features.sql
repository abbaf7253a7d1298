{#-
    Every feature of a recipe exists, once, and says only what is known of one: a
    transform that fits its kind, words for low and high, whether drift triggers.
-#}
{% macro check_features(recipe, kinds, features_model) %}
    {% set where = "Recipe '" ~ recipe['name'] ~ "' " %}
    {% if recipe['features'] is string or recipe['features'] is not sequence or not recipe['features'] %}
        {% do exceptions.raise_compiler_error(
            where ~ "names no feature. List at least one under `features`, "
            ~ "e.g. `- {name: total_spend, transform: log1p}`."
        ) %}
    {% endif %}
    {% set known = ['name', 'transform', 'low', 'high', 'triggers'] %}
    {% set seen = [] %}
    {% for feature in recipe['features'] %}
        {% if feature is not mapping or feature.get('name') is not string %}
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
        {% elif feature.keys() | reject('in', known) | list %}
            {% do exceptions.raise_compiler_error(
                where ~ "says '" ~ feature.keys() | reject('in', known) | join("', '")
                ~ "' of feature '" ~ feature.name ~ "', which means nothing. Use "
                ~ known | join(', ') ~ "."
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
        {% for end in ['low', 'high'] if end in feature
            and not (feature[end] is string and feature[end] | trim) %}
            {% do exceptions.raise_compiler_error(
                where ~ "calls " ~ end ~ " values of feature '" ~ feature.name ~ "' "
                ~ segmentation.shown_value(feature[end]) ~ ". Write words for a name, "
                ~ "quoted where YAML reads them as something else: '" ~ end ~ ": \"no\"'."
            ) %}
        {% endfor %}
        {% if feature.get('triggers', true) is not boolean %}
            {% do exceptions.raise_compiler_error(
                where ~ "says " ~ segmentation.shown_value(feature.triggers)
                ~ " for triggers of feature '" ~ feature.name ~ "'. Use true or false."
            ) %}
        {% endif %}
        {% do seen.append(feature.name) %}
    {% endfor %}
{% endmacro %}
