{#- Post-hook of the log: says why a model just fitted does not serve. -#}
{% macro warn_of_rejection(entity) %}
{% if execute %}
    {% set serving = run_query(
        "select is_rejected, planned_version, model_version, reason from "
        ~ ref('int_' ~ entity ~ '_serving_model')
    ).rows[0] %}
    {% if serving[0] %}
        {% do exceptions.warn(
            entity | capitalize ~ " model: version " ~ serving[1]
            ~ " was fitted because " ~ serving[3] ~ ". Version " ~ serving[2]
            ~ " goes on serving."
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
