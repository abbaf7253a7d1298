{#-
    When a segmentation refits, what it takes for a new model to serve, and how
    firmly members stay in their segment. Not part of the recipe: a change of
    policy is no reason to fit anew.
-#}
{% macro segmentation_policy(name) %}
    {% set policy = {} %}
    {% for setting, row in segmentation.settings_table().items()
        if row.scope == 'policy' %}
        {% do policy.update({
            setting: segmentation.checked_setting(setting, row, name)
        }) %}
    {% endfor %}
    {{ return(policy) }}
{% endmacro %}
