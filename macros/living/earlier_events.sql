{#- The log of a segmentation's models as earlier builds left it. -#}
{% macro earlier_events(log) %}
{{ earlier(log, [
    ['event_number', 'bigint'], ['event', 'string'], ['model_version', 'bigint'],
    ['as_of_date', 'date'], ['recipe_name', 'string'],
    ['recipe_hash', 'string'], ['data_fingerprint', 'string'],
    ['rows_fitted', 'bigint'],
]) }}
{% endmacro %}
