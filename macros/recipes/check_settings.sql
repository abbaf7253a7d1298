{#- Every setting of a recipe is known, has the right type and is in range. -#}
{% macro check_settings(recipe, entity) %}
    {% set known = segmentation.built_in_recipes()['standard'].keys() | list + ['name', 'extends'] %}
    {% for setting in recipe if setting not in known %}
        {% do exceptions.raise_compiler_error(
            "Recipe '" ~ recipe['name'] ~ "' has the unknown setting '" ~ setting
            ~ "'. Known settings: " ~ (known | sort | join(', ')) ~ "."
        ) %}
    {% endfor %}
    {% set choices = {
        'missing': ['fill', 'drop'],
        'encoding': ['famd', 'label'],
        'algorithm': ['kmeans', 'bisecting_kmeans', 'gaussian_mixture'],
    } %}
    {% for setting, values in choices.items() %}
        {% if recipe[setting] not in values %}
            {% do segmentation.refuse_setting(recipe, entity, setting, 'must be one of ' ~ values | join(', ')) %}
        {% endif %}
    {% endfor %}
    {% set whole = {
        'k': 2, 'k_min': 1, 'k_max': 2, 'minimum_k': 1, 'n_init': 1, 'max_iter': 1,
        'seed': 0, 'pca_seed': 0, 'bootstraps': 2, 'gap_references': 2,
        'max_levels': 2, 'max_fit_rows': 10, 'max_selection_rows': 10,
    } %}
    {% for setting, least in whole.items() %}
        {% set value = recipe[setting] %}
        {% if not (setting == 'k' and value is none)
            and (value is not integer or value is boolean or value < least) %}
            {% do segmentation.refuse_setting(recipe, entity, setting, 'must be a whole number of at least ' ~ least) %}
        {% endif %}
    {% endfor %}
    {% for setting in ['seed', 'pca_seed'] if recipe[setting] >= 2 ** 32 %}
        {% do segmentation.refuse_setting(recipe, entity, setting, 'must be below 4294967296') %}
    {% endfor %}
    {% if recipe['k_max'] < recipe['k_min'] %}
        {% do segmentation.refuse_setting(recipe, entity, 'k_max', 'must not be below k_min (' ~ recipe['k_min'] ~ ')') %}
    {% endif %}
    {% for setting in ['minimum_share', 'minimum_stability'] %}
        {% set value = recipe[setting] %}
        {% if value is not number or value is boolean or value < 0 or value >= 1 %}
            {% do segmentation.refuse_setting(recipe, entity, setting, 'must be a share from 0 to below 1') %}
        {% endif %}
    {% endfor %}
    {% set components = recipe['components'] %}
    {% if components is not number or components is boolean or components <= 0
        or (components is float and components >= 1) %}
        {% do segmentation.refuse_setting(
            recipe, entity, 'components',
            'must be a whole number of components or a share of variance between 0 and 1'
        ) %}
    {% endif %}
{% endmacro %}


{% macro refuse_setting(recipe, entity, setting, rule) %}
    {% do exceptions.raise_compiler_error(
        "Setting " ~ setting ~ " is " ~ recipe[setting] ~ " (recipe '" ~ recipe['name']
        ~ "'), but it " ~ rule ~ ". Change it in the recipe or with --vars '{"
        ~ segmentation.setting_var(entity, setting) ~ ": …}'."
    ) %}
{% endmacro %}
