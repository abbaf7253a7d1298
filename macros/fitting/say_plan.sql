{#- Post-hook of a fit plan: says in one line what the build does, and why. -#}
{% macro say_plan(entity) %}
{% if execute %}
    {% set plan = run_query(
        "select is_fit, model_version, recipe_name, reason from " ~ this
    ).rows[0] %}
    {% do log(
        entity | capitalize ~ " model: "
        ~ ("fits" if plan[0] else "applies") ~ " version " ~ plan[1]
        ~ " (recipe " ~ plan[2] ~ "), because " ~ plan[3] ~ ".",
        info=true
    ) %}
{% endif %}
{% endmacro %}
