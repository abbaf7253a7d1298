{#- Post-hook of the earlier events: a model_version that was never fitted. -#}
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
