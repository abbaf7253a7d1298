{#-
    The recipe of one segmentation as a dict: standard settings, then the chain
    of `extends`, then the recipe itself, then single settings from flat vars.
    Customers read the vars as they are named (`k`); every other segmentation
    puts its own name in front (`product_k`).
-#}
{% macro segmentation_recipe(segmentation) %}
    {% set recipes = known_recipes() %}
    {% set name = recipe_name(segmentation) %}
    {% if name not in recipes or name == 'standard' %}
        {% do exceptions.raise_compiler_error(
            "Recipe '" ~ name ~ "' (var " ~ setting_var(segmentation, 'recipe')
            ~ ") is unknown. Known recipes: "
            ~ (recipes.keys() | reject('equalto', 'standard') | sort | join(', '))
            ~ ". Name one of them, or add yours under the var `recipes`."
        ) %}
    {% endif %}
    {% set chain = [] %}
    {% set cursor = namespace(name=name) %}
    {% for step in range(recipes | length + 1) if cursor.name is not none %}
        {% if cursor.name not in recipes or cursor.name in chain %}
            {% do exceptions.raise_compiler_error(
                "Recipe '" ~ name ~ "' extends '" ~ cursor.name
                ~ "', which is unknown or extends itself. Correct `extends`."
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
        {% set value = var(setting_var(segmentation, setting), none) %}
        {% if value is not none %}{% do recipe.update({setting: value}) %}{% endif %}
    {% endfor %}
    {% do recipe.pop('extends', none) %}
    {% do recipe.update({'name': name}) %}
    {{ return(recipe) }}
{% endmacro %}


{% macro known_recipes() %}
    {% set recipes = built_in_recipes() %}
    {% do recipes.update(var('recipes', {}) or {}) %}
    {{ return(recipes) }}
{% endmacro %}


{% macro recipe_name(segmentation) %}
    {% set fallback = 'default' if segmentation == 'customer' else segmentation %}
    {{ return(var(setting_var(segmentation, 'recipe'), fallback)) }}
{% endmacro %}


{% macro setting_var(segmentation, setting) %}
    {{ return(setting if segmentation == 'customer' else segmentation ~ '_' ~ setting) }}
{% endmacro %}
