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
    {% endif %}
    {% set known = [
        'name', 'transform', 'unit', 'weight', 'shrink_by', 'low', 'high',
        'triggers',
    ] %}
    {% set unknown = feature.keys() | reject('in', known) | list %}
    {% set transform = feature.get('transform', 'none') %}
    {% set is_category = kinds[feature.name] == 'category' %}
    {% set its = "feature '" ~ feature.name ~ "'" %}
    {% set problems = [
        [feature.name in seen,
            "names the " ~ its ~ " twice. Remove one of them."],
        [unknown, "says '" ~ unknown | join("', '") ~ "' of " ~ its
            ~ ", which means nothing. Use " ~ known | join(', ') ~ "."],
        [transform not in ['none', 'log1p'], "gives " ~ its
            ~ " the transform '" ~ transform ~ "'. Use none or log1p."],
        [is_category and transform != 'none', "gives the category '"
            ~ feature.name ~ "' a transform. Only numbers have one: remove"
            ~ " it."],
        ['unit' in feature and transform != 'log1p', "gives " ~ its ~ " a unit,"
            ~ " which only log1p counts in: remove it, or say"
            ~ " `transform: log1p`."],
        ['shrink_by' in feature and (is_category
            or kinds.get(feature.shrink_by) != 'number'), "shrinks " ~ its
            ~ " by " ~ segmentation.shown_value(feature.get('shrink_by'))
            ~ ". Name a number that counts what it is an average of:"
            ~ " `shrink_by: orders`."],
        [feature.get('triggers', true) is not boolean, "says "
            ~ segmentation.shown_value(feature.get('triggers'))
            ~ " for triggers of " ~ its ~ ". Use true or false."],
    ] %}
    {% for part in ['unit', 'weight'] if part in feature %}
        {% do problems.append([
            segmentation.broken_rule({'kind': 'amount'}, feature[part]),
            "gives " ~ its ~ " the " ~ part ~ " " ~ segmentation.shown_value(
                feature[part]) ~ ". Use a number above 0.",
        ]) %}
    {% endfor %}
    {% for end in ['low', 'high'] if end in feature %}
        {% do problems.append([
            not (feature[end] is string and feature[end] | trim),
            "calls " ~ end ~ " values of " ~ its ~ " "
            ~ segmentation.shown_value(feature[end]) ~ ". Write words for a"
            ~ " name, quoted where YAML reads them as something else: '" ~ end
            ~ ": \"no\"'.",
        ]) %}
    {% endfor %}
    {% for is_so, problem in problems if is_so %}
        {{ return(problem) }}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}
