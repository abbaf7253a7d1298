{#-
    The recipe of a segmentation, checked against its table and with every
    feature's kind filled in: what the plan stores as JSON and what the Python
    side reads. Raises one sentence for the first thing that is wrong. While
    dbt parses, contracts are not known yet: the defaults, without features.
-#}
{% macro resolved_recipe(entry) %}
    {% if not execute %}
        {{ return(dict(segmentation.standard_recipe(), name=entry.name)) }}
    {% endif %}
    {% set recipe = segmentation.recipe_settings(entry) %}
    {% do segmentation.check_recipe(recipe, entry.name) %}
    {% set kinds = {} %}
    {% for column in segmentation.feature_columns(entry) %}
        {% do kinds.update({column.name: column.kind}) %}
    {% endfor %}
    {% do segmentation.check_features(recipe, kinds, entry.table) %}
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


{#- Every setting of a recipe is known, of its kind and in range. -#}
{% macro check_recipe(recipe, of) %}
    {% set table = segmentation.settings_table() %}
    {% set known = segmentation.standard_recipe().keys() | list %}
    {% for setting in recipe if setting not in known + ['name'] %}
        {% do exceptions.raise_compiler_error(
            "Recipe '" ~ recipe['name'] ~ "' has the unknown setting '"
            ~ setting ~ "'. Known settings: "
            ~ (known + ['name', 'extends']) | sort | join(', ')
            ~ ". Nearest: " ~ segmentation.nearest_name(setting, known) ~ "."
        ) %}
    {% endfor %}
    {% for setting in known if setting in table %}
        {% set value = recipe[setting] %}
        {% set rule = segmentation.broken_rule(table[setting], value) %}
        {% if not rule and setting == 'k_max' and recipe.k_max < recipe.k_min %}
            {% set rule = 'must not be below k_min (' ~ recipe.k_min ~ ')' %}
        {% endif %}
        {% if rule %}
            {% do exceptions.raise_compiler_error(
                "Setting " ~ setting ~ " is " ~ value ~ " (recipe '"
                ~ recipe['name'] ~ "'), but it " ~ rule
                ~ ". Change it in the recipe or with --vars '{"
                ~ segmentation.setting_var(of, setting) ~ ": …}'."
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
