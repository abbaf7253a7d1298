{#- Post-hook of the fit plan: one line a segmentation, what is done and why. -#}
{% macro say_plan() %}
{% if execute %}
    {% for plan in run_query(
        "select segmentation, is_fit, model_version, recipe_name, reason from "
        ~ this ~ " order by segmentation"
    ).rows %}
        {% do log(
            plan[0] | capitalize ~ " model: "
            ~ ("fits" if plan[1] else "applies") ~ " version " ~ plan[2]
            ~ " (recipe " ~ plan[3] ~ "), because " ~ plan[4] ~ ".",
            info=true
        ) %}
    {% endfor %}
{% endif %}
{% endmacro %}


{#-
    Post-hook of the counts: what cannot be fitted stops the build in one
    sentence, or, where the entry says `on_failure: warn`, is left out of it.
    Features that leave a recipe are warned of.
-#}
{% macro say_objections() %}
{% if execute %}
    {% for s in segmentation.segmentations() %}
        {% set found = run_query(
            "select objection, constant_features from " ~ this
            ~ " where segmentation = '" ~ s.name ~ "'"
        ).rows[0] %}
        {% if found[0] and s.on_failure == 'stop' %}
            {% do exceptions.raise_compiler_error(found[0]) %}
        {% elif found[0] %}
            {% do exceptions.warn(
                "The segmentation '" ~ s.name ~ "' is left out of this build: "
                ~ found[0] ~ " What was last published of it stays, and is "
                ~ "marked stale."
            ) %}
        {% else %}
            {% for feature in (found[1] or '').split(', ') if feature %}
                {% do exceptions.warn(
                    "Feature '" ~ feature ~ "' is missing throughout or "
                    ~ "constant in " ~ s.table ~ ": it leaves the recipe '"
                    ~ segmentation.recipe_settings(s)['name'] ~ "'."
                ) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
{% endif %}
{% endmacro %}


{#- Post-hook of the earlier events: a model_version that nobody ever fitted. -#}
{% macro refuse_unknown_versions() %}
{% if execute %}
    {% for s in segmentation.segmentations() %}
        {% set version = segmentation.setting('model_version', s.name) %}
        {% if version %}
            {% set known = run_query(
                "select model_version from " ~ this ~ " where event = 'fitted'"
                ~ " and segmentation = '" ~ s.name ~ "' order by model_version"
            ).columns[0].values() | map('int') | list %}
            {% if version not in known %}
                {% do segmentation.refuse_setting(
                    segmentation.setting_var(s.name, 'model_version'), version,
                    'must be the version of a ' ~ s.name
                    ~ ' model that was fitted: ' ~ (
                        known | join(', ') if known else 'there is none yet'
                    )
                ) %}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endif %}
{% endmacro %}


{#- Post-hook of the continuity model: says so when the build starts anew. -#}
{% macro say_other_shop() %}
{% if execute %}
    {% set found = run_query(
        "select stored_rows, known_rows, compared_rows, same_day_rows from "
        ~ this ~ " where not is_same_shop"
    ).rows %}
    {% if found %}
        {% do exceptions.warn(
            "This warehouse held another shop: of its " ~ found[0][0]
            ~ " customers with a segment " ~ found[0][1] ~ " are in this data"
            ~ (", and of " ~ found[0][2] ~ " compared " ~ found[0][3]
                ~ " ordered first on the same day" if found[0][2] else "")
            ~ ". The build starts anew, and forgets that shop's models and "
            ~ "history once its tests have passed. To keep both, give each "
            ~ "shop a SEGMENTATION_WAREHOUSE of its own."
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
