{#-
    Post-hook of the earlier events: stops the build in one sentence when the
    var model_version names a version that was never fitted.
-#}
{% macro refuse_unknown_version(entity) %}
{% set version = segmentation.setting('model_version', entity) %}
{% if execute and version %}
    {% set known = run_query(
        "select model_version from " ~ this
        ~ " where event = 'fitted' order by model_version"
    ).columns[0].values() | map('int') | list %}
    {% if version not in known %}
        {% do segmentation.refuse_setting(
            segmentation.setting_var(entity, 'model_version'), version,
            'must be the version of a ' ~ entity ~ ' model that was fitted: '
            ~ (known | join(', ') if known else 'there is none yet')
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
