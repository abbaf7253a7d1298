{#-
    Makes every published table that is not made from a log a parent of the log,
    so that dbt runs all their tests first: a model serves only after all audits.
-#}
{% macro await_audits() %}
{% set made_from_a_log = [
    'segment_models', 'segment_history', 'segment_migrations',
    'segment_sizes_over_time', 'segment_matches',
] %}
{% for table in segmentation.public_tables() %}
    {% set endings = [] %}
    {% for ending in made_from_a_log if table.name.endswith(ending) %}
        {% do endings.append(ending) %}
    {% endfor %}
    {% if not endings %}{% do ref(table.name) %}{% endif %}
{% endfor %}
{% endmacro %}
