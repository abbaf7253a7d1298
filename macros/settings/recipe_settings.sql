{#-
    The recipe of a segmentation as a dict: the defaults, then the chain of
    `extends`, then the recipe itself, then single settings from flat vars. Of
    recipes with the same name later ones win: built in, the user's own, the one
    that an entry holds.
-#}
{% macro recipe_settings(entry) %}
    {% set recipes = segmentation.built_in('recipes') %}
    {% set own = segmentation.given_var('recipes') or {} %}
    {% set rule = "Write the var `recipes` as '{mine: {extends: default,"
        ~ " k: 4}}'." %}
    {% if own is not mapping %}
        {% do exceptions.raise_compiler_error(
            "The var recipes is " ~ segmentation.shown_value(own)
            ~ ", but it must hold recipes by name. " ~ rule
        ) %}
    {% elif 'standard' in own %}
        {% do exceptions.raise_compiler_error(
            "The var recipes has a recipe 'standard', but that is what every"
            ~ " recipe starts from. Give yours another name."
        ) %}
    {% endif %}
    {% for name, recipe in own.items()
        if name is not string or recipe is not mapping
        or modules.re.fullmatch('[\\w .-]+', name) is none %}
        {% do exceptions.raise_compiler_error(
            "Recipe " ~ segmentation.shown_value(name) ~ " is "
            ~ segmentation.shown_value(recipe)
            ~ ", but a recipe is a name and a mapping of settings, and the name"
            ~ " has letters, digits, blanks and _.- only. " ~ rule
        ) %}
    {% endfor %}
    {% do recipes.update(own) %}
    {% set name = entry.recipe %}
    {% if entry.recipe is mapping %}
        {% set name = entry.name %}
        {% do recipes.update({name: entry.recipe}) %}
    {% endif %}
    {% if name is not string or name not in recipes %}
        {% do exceptions.raise_compiler_error(
            "Recipe " ~ segmentation.shown_value(name) ~ " (var "
            ~ segmentation.setting_var(entry.name, 'recipe')
            ~ ") is unknown. Known recipes: " ~ recipes | sort | join(', ')
            ~ ". Name one of them, or add yours under the var `recipes`."
        ) %}
    {% endif %}
    {% set chain = [] %}
    {% set cursor = namespace(name=name) %}
    {% for step in range(recipes | length + 1) if cursor.name is not none %}
        {% if cursor.name is not string or cursor.name not in recipes
            or cursor.name in chain %}
            {% do exceptions.raise_compiler_error(
                "Recipe '" ~ name ~ "' extends "
                ~ segmentation.shown_value(cursor.name)
                ~ ", which is unknown or extends itself. Correct `extends`."
            ) %}
        {% endif %}
        {% do chain.append(cursor.name) %}
        {% set cursor.name = recipes[cursor.name].get('extends') %}
    {% endfor %}
    {% set recipe = segmentation.standard_recipe() %}
    {% set settings = recipe.keys() | list %}
    {% for link in chain | reverse %}
        {% do recipe.update(recipes[link]) %}
    {% endfor %}
    {% for setting in settings if setting not in ['features', 'description'] %}
        {% set value = segmentation.given_var(
            segmentation.setting_var(entry.name, setting)
        ) %}
        {% if value is not none %}
            {% do recipe.update({setting: value}) %}
        {% endif %}
    {% endfor %}
    {% do recipe.pop('extends', none) %}
    {% do recipe.update({'name': name}) %}
    {{ return(recipe) }}
{% endmacro %}


{#- What every recipe starts from: the defaults of the settings table. -#}
{% macro standard_recipe() %}
    {% set recipe = {
        'description': 'The settings every recipe starts from.',
        'features': [],
    } %}
    {% for setting, row in segmentation.settings_table().items()
        if row.scope == 'recipe' %}
        {% do recipe.update({setting: row.default}) %}
    {% endfor %}
    {{ return(recipe) }}
{% endmacro %}
