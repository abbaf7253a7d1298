{#-
    The recipe of one segmentation as a dict: standard settings, then the chain
    of `extends`, then the recipe itself, then single settings from flat vars.
    Customers read the vars as they are named (`k`); every other segmentation
    puts its own name in front (`product_k`).
-#}
{% macro segmentation_recipe(entity) %}
    {% set recipes = segmentation.known_recipes() %}
    {% set name = segmentation.recipe_name(entity) %}
    {% set is_known = name is string and name in recipes and name != 'standard' %}
    {% if not execute and not is_known %}
        {#- The recipe that a plan model carries is known once dbt has parsed it. -#}
        {{ return(dict(recipes['standard'], name=name)) }}
    {% endif %}
    {% if not is_known %}
        {% do exceptions.raise_compiler_error(
            "Recipe " ~ segmentation.shown_value(name) ~ " (var " ~ segmentation.setting_var(entity, 'recipe')
            ~ ") is unknown. Known recipes: "
            ~ (recipes.keys() | reject('equalto', 'standard') | sort | join(', '))
            ~ ". Name one of them, or add yours under the var `recipes`."
        ) %}
    {% endif %}
    {% set chain = [] %}
    {% set cursor = namespace(name=name) %}
    {% for step in range(recipes | length + 1) if cursor.name is not none %}
        {% if cursor.name is not string or cursor.name not in recipes or cursor.name in chain %}
            {% do exceptions.raise_compiler_error(
                "Recipe '" ~ name ~ "' extends " ~ segmentation.shown_value(cursor.name)
                ~ ", which is unknown or extends itself. Correct `extends`."
            ) %}
        {% endif %}
        {% do chain.append(cursor.name) %}
        {% set cursor.name = recipes[cursor.name].get('extends') %}
    {% endfor %}
    {% set recipe = dict(recipes['standard']) %}
    {% for link in chain | reverse %}
        {% do recipe.update(recipes[link]) %}
    {% endfor %}
    {% for setting in recipes['standard'] if setting not in ['features', 'description'] %}
        {% set value = var(segmentation.setting_var(entity, setting), none) %}
        {% if value is not none %}{% do recipe.update({setting: value}) %}{% endif %}
    {% endfor %}
    {% do recipe.pop('extends', none) %}
    {% do recipe.update({'name': name}) %}
    {{ return(recipe) }}
{% endmacro %}


{#- Later ones win: built in, carried by a plan model, the user's own. -#}
{% macro known_recipes() %}
    {% set recipes = segmentation.built_in_recipes() %}
    {% do recipes.update(segmentation.carried_recipes()) %}
    {% do recipes.update(segmentation.own_recipes()) %}
    {{ return(recipes) }}
{% endmacro %}


{#- The var `recipes`: settings by name, or one sentence about what they are not. -#}
{% macro own_recipes() %}
    {% set own = var('recipes', none) %}
    {% set rule = "Write the var `recipes` as '{mine: {extends: default, k: 4}}'." %}
    {% if own is none %}{{ return({}) }}{% endif %}
    {% if own is not mapping %}
        {% do exceptions.raise_compiler_error(
            "The var recipes is " ~ segmentation.shown_value(own)
            ~ ", but it must hold recipes by name. " ~ rule
        ) %}
    {% endif %}
    {% if 'standard' in own %}
        {% do exceptions.raise_compiler_error(
            "The var recipes has a recipe 'standard', but that is what every recipe "
            ~ "starts from. Give yours another name."
        ) %}
    {% endif %}
    {% for name, recipe in own.items() if name is not string or recipe is not mapping %}
        {% do exceptions.raise_compiler_error(
            "Recipe " ~ segmentation.shown_value(name) ~ " is "
            ~ segmentation.shown_value(recipe)
            ~ ", but a recipe is a name and a mapping of settings. " ~ rule
        ) %}
    {% endfor %}
    {{ return(own) }}
{% endmacro %}


{#-
    The recipes in `meta: {segmentation: …, recipe: …}` of plan models, each
    named like its segmentation: how `segmentation new` leaves one.
-#}
{% macro carried_recipes() %}
    {% set recipes = {} %}
    {% if execute %}
        {% for node in graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'model') if node.config.meta.get('recipe') %}
            {% do recipes.update({node.config.meta.segmentation: node.config.meta.recipe}) %}
        {% endfor %}
    {% endif %}
    {{ return(recipes) }}
{% endmacro %}


{% macro recipe_name(entity) %}
    {% set fallback = 'default' if entity == 'customer' else entity %}
    {{ return(var(segmentation.setting_var(entity, 'recipe'), fallback)) }}
{% endmacro %}


{% macro setting_var(entity, setting) %}
    {{ return(setting if entity == 'customer' else entity ~ '_' ~ setting) }}
{% endmacro %}
