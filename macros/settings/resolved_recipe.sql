{#-
    The recipe of a segmentation, checked against the settings table and its own
    table, and with every feature's kind filled in: what the plan stores as JSON
    and what the Python side reads. Raises one sentence for the first thing that
    is wrong. While dbt parses, contracts are not known yet: the defaults,
    without features.
-#}
{% macro resolved_recipe(entry) %}
    {% set standard = segmentation.standard_recipe() %}
    {% if not execute or entry.kind == 'rules' %}
        {{ return(dict(standard, name=entry.name, **({
            'algorithm': 'rules', 'rules': [],
        } if entry.kind == 'rules' else {}))) }}
    {% endif %}
    {% set recipe = segmentation.recipe_settings(entry) %}
    {% set known = standard.keys() | list %}
    {% for setting in recipe if setting not in known + ['name'] %}
        {% do exceptions.raise_compiler_error(
            "Recipe '" ~ recipe['name'] ~ "' has the unknown setting '"
            ~ setting ~ "'. Known settings: "
            ~ (known + ['name', 'extends']) | sort | join(', ')
            ~ ". Nearest: " ~ segmentation.nearest_name(setting, known) ~ "."
        ) %}
    {% endfor %}
    {% for setting, row in segmentation.settings_table().items()
        if row.scope == 'recipe' %}
        {% set value = recipe[setting] %}
        {% set rule = segmentation.broken_rule(row, value) %}
        {% if not rule and setting == 'k_max' and recipe.k_max < recipe.k_min %}
            {% set rule = 'must not be below k_min (' ~ recipe.k_min ~ ')' %}
        {% endif %}
        {% if rule %}
            {% do exceptions.raise_compiler_error(
                "Setting " ~ setting ~ " is " ~ value ~ " (recipe '"
                ~ recipe['name'] ~ "'), but it " ~ rule
                ~ ". Change it in the recipe or with --vars '{"
                ~ segmentation.setting_var(entry.name, setting) ~ ": …}'."
            ) %}
        {% endif %}
    {% endfor %}
    {% set given = recipe['features'] %}
    {% set where = "Recipe '" ~ recipe['name'] ~ "' " %}
    {% if given is string or given is not sequence or not given %}
        {% do exceptions.raise_compiler_error(
            where ~ "names no feature. List at least one under `features`, "
            ~ "e.g. `- {name: total_spend, transform: log1p}`."
        ) %}
    {% endif %}
    {% set kinds = {} %}
    {% for column in segmentation.feature_columns(entry) %}
        {% do kinds.update({column.name: column.kind}) %}
    {% endfor %}
    {% set features = [] %}
    {% for feature in given %}
        {% set problem = segmentation.feature_problem(
            feature, kinds, entry.table, features | map(attribute='name') | list
        ) %}
        {% if problem %}
            {% do exceptions.raise_compiler_error(where ~ problem) %}
        {% endif %}
        {% set words = feature.name | replace('_', ' ') %}
        {% do features.append(dict(feature, **{
            'name': feature.name,
            'kind': kinds.get(feature.name),
            'transform': feature.get('transform', 'none'),
            'low': feature.get('low', 'low ' ~ words),
            'high': feature.get('high', 'high ' ~ words),
            'triggers': feature.get(
                'triggers', not feature.name.startswith('days_since_')
            ),
        })) %}
    {% endfor %}
    {% do recipe.update({'features': features}) %}
    {{ return(recipe) }}
{% endmacro %}
