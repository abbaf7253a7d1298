{#- What is wrong with a feature, to be said of its recipe; none if nothing. -#}
{% macro feature_problem(feature, kinds, table, seen) %}
    {% if feature is not mapping or feature.get('name') is not string %}
        {{ return(
            "has a feature without a name: " ~ feature
            ~ ". Write it as `- {name: total_spend}`."
        ) }}
    {% elif feature.name not in kinds %}
        {{ return(
            "names the feature '" ~ feature.name ~ "', which " ~ table
            ~ " does not have. It has: " ~ kinds.keys() | join(', ')
            ~ ". Correct the name in the recipe."
        ) }}
    {% elif feature.name in seen %}
        {{ return(
            "names the feature '" ~ feature.name ~ "' twice. Remove one of"
            ~ " them."
        ) }}
    {% endif %}
    {% set known = [
        'name', 'transform', 'unit', 'weight', 'shrink_by', 'low', 'high',
        'triggers',
    ] %}
    {% set unknown = feature.keys() | reject('in', known) | list %}
    {% set transform = feature.get('transform', 'none') %}
    {% if unknown %}
        {{ return(
            "says '" ~ unknown | join("', '") ~ "' of feature '" ~ feature.name
            ~ "', which means nothing. Use " ~ known | join(', ') ~ "."
        ) }}
    {% elif transform not in ['none', 'log1p'] %}
        {{ return(
            "gives feature '" ~ feature.name ~ "' the transform '" ~ transform
            ~ "'. Use none or log1p."
        ) }}
    {% elif kinds[feature.name] == 'category' and transform != 'none' %}
        {{ return(
            "gives the category '" ~ feature.name
            ~ "' a transform. Only numbers have one: remove it."
        ) }}
    {% elif 'unit' in feature and transform != 'log1p' %}
        {{ return(
            "gives feature '" ~ feature.name ~ "' a unit, which only log1p"
            ~ " counts in: remove it, or say `transform: log1p`."
        ) }}
    {% elif 'shrink_by' in feature and (
        kinds[feature.name] == 'category'
        or kinds.get(feature.shrink_by) != 'number'
    ) %}
        {{ return(
            "shrinks feature '" ~ feature.name ~ "' by "
            ~ segmentation.shown_value(feature.shrink_by) ~ ". Name a number"
            ~ " that counts what it is an average of: `shrink_by: orders`."
        ) }}
    {% elif feature.get('triggers', true) is not boolean %}
        {{ return(
            "says " ~ segmentation.shown_value(feature.triggers)
            ~ " for triggers of feature '" ~ feature.name
            ~ "'. Use true or false."
        ) }}
    {% endif %}
    {% for part in ['unit', 'weight'] if part in feature
        and segmentation.broken_rule({'kind': 'amount'}, feature[part]) %}
        {{ return(
            "gives feature '" ~ feature.name ~ "' the " ~ part ~ " "
            ~ segmentation.shown_value(feature[part]) ~ ". Use a number above"
            ~ " 0."
        ) }}
    {% endfor %}
    {% for end in ['low', 'high'] if end in feature
        and not (feature[end] is string and feature[end] | trim) %}
        {{ return(
            "calls " ~ end ~ " values of feature '" ~ feature.name ~ "' "
            ~ segmentation.shown_value(feature[end]) ~ ". Write words for a"
            ~ " name, quoted where YAML reads them as something else: '" ~ end
            ~ ": \"no\"'."
        ) }}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}
