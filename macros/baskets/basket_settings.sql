{#-
    The settings of the typical baskets, from flat vars, checked. They belong to
    no recipe: a change of theirs refits the baskets and leaves segments alone.
-#}
{% macro basket_settings() %}
    {% set settings = {
        'measure': var('basket_measure', 'items'),
        'components': var('basket_components', none),
        'max_components': var('basket_max_components', 8),
        'max_categories': var('basket_max_categories', 60),
        'max_fit_rows': var('basket_max_fit_rows', 20000),
        'seed': var('seed', none) or 0,
    } %}
    {% if settings['measure'] not in ['items', 'spend'] %}
        {% do segmentation.refuse_basket_setting(settings, 'measure', 'must be items or spend') %}
    {% endif %}
    {% set whole = {
        'components': 1, 'max_components': 1, 'max_categories': 2, 'max_fit_rows': 10, 'seed': 0,
    } %}
    {% for setting, least in whole.items() %}
        {% set value = settings[setting] %}
        {% if not (setting == 'components' and value is none)
            and (value is not integer or value is boolean or value < least) %}
            {% do segmentation.refuse_basket_setting(
                settings, setting, 'must be a whole number of at least ' ~ least
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(settings) }}
{% endmacro %}


{% macro refuse_basket_setting(settings, setting, rule) %}
    {% set name = setting if setting == 'seed' else 'basket_' ~ setting %}
    {% do exceptions.raise_compiler_error(
        "Setting " ~ name ~ " is " ~ settings[setting] ~ ", but it " ~ rule
        ~ ". Change it in dbt_project.yml or with --vars '{" ~ name ~ ": …}'."
    ) %}
{% endmacro %}
