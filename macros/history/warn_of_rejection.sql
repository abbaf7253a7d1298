{#- Post-hook of the log: says why a model just fitted does not serve. -#}
{% macro warn_of_rejection(serving_models) %}
{% if execute %}
    {% set rejected = run_query(
        "select segmentation, planned_version, reason, model_version from "
        ~ serving_models ~ " where is_rejected order by segmentation"
    ).rows %}
    {% for name, planned, reason, serving in rejected %}
        {% do exceptions.warn(
            name | capitalize ~ " model: version " ~ planned
            ~ " was fitted because " ~ reason ~ ". Version " ~ serving
            ~ " goes on serving."
        ) %}
    {% endfor %}
{% endif %}
{% endmacro %}
