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
    {% set known = ['name', 'transform', 'low', 'high', 'triggers'] %}
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
    {% elif feature.get('triggers', true) is not boolean %}
        {{ return(
            "says " ~ segmentation.shown_value(feature.triggers)
            ~ " for triggers of feature '" ~ feature.name
            ~ "'. Use true or false."
        ) }}
    {% endif %}
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
