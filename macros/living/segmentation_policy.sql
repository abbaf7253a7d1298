{#-
    When a segmentation refits, what it takes for a new model to serve, and how
    firmly customers stay in their segment. Not part of the recipe: a change of
    policy is no reason to fit anew.
-#}
{% macro segmentation_policy(entity) %}
    {% set policy = {
        'refit': 'auto',
        'max_model_age_days': 90,
        'model_version': none,
        'match_floor': 0.5,
        'switch_margin': 0,
        'drift_warn': 0.1,
        'drift_refit': 0.25,
        'minimum_active_share': 0.005,
        'maximum_separation_loss': 0.05,
    } %}
    {% for setting in policy %}
        {% set value = var(segmentation.setting_var(entity, setting), none) %}
        {% if value is not none %}{% do policy.update({setting: value}) %}{% endif %}
    {% endfor %}
    {% do segmentation.check_policy(policy, entity) %}
    {{ return(policy) }}
{% endmacro %}


{% macro check_policy(policy, entity) %}
    {% if policy['refit'] not in ['auto', 'always', 'never'] %}
        {% do segmentation.refuse_policy(policy, entity, 'refit', 'must be auto, always or never') %}
    {% endif %}
    {% for setting in ['max_model_age_days', 'model_version'] %}
        {% set value = policy[setting] %}
        {% if value is not none and (value is not integer or value is boolean or value < 1) %}
            {% do segmentation.refuse_policy(policy, entity, setting, 'must be a whole number of at least 1') %}
        {% endif %}
    {% endfor %}
    {% for setting in [
        'match_floor', 'switch_margin', 'drift_warn', 'drift_refit',
        'minimum_active_share', 'maximum_separation_loss',
    ] %}
        {% set value = policy[setting] %}
        {% if value is not number or value is boolean or value < 0 or value > 1 %}
            {% do segmentation.refuse_policy(policy, entity, setting, 'must be a number from 0 to 1') %}
        {% endif %}
    {% endfor %}
    {% if policy['match_floor'] == 0 %}
        {% do segmentation.refuse_policy(policy, entity, 'match_floor', 'must be above 0') %}
    {% endif %}
{% endmacro %}


{% macro refuse_policy(policy, entity, setting, rule) %}
    {% do exceptions.raise_compiler_error(
        "Setting " ~ segmentation.setting_var(entity, setting) ~ " is " ~ policy[setting]
        ~ ", but it " ~ rule ~ ". Change it in dbt_project.yml or with --vars '{"
        ~ segmentation.setting_var(entity, setting) ~ ": …}'."
    ) %}
{% endmacro %}
