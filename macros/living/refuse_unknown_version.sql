{#-
    Post-hook of the earlier events: stops the build in one sentence when the
    var model_version names a version that was never fitted.
-#}
{% macro refuse_unknown_version(segmentation) %}
{% set version = segmentation_policy(segmentation)['model_version'] %}
{% if execute and version %}
    {% set known = run_query(
        "select model_version from " ~ this
        ~ " where event = 'fitted' order by model_version"
    ).columns[0].values() | map('int') | list %}
    {% if version not in known %}
        {% do refuse_policy(
            segmentation_policy(segmentation), segmentation, 'model_version',
            'must be the version of a ' ~ segmentation ~ ' model that was fitted: '
            ~ (known | join(', ') if known else 'there is none yet')
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
