{#-
    Pre-hook of a feature model: stops the build in one sentence when the table
    is empty, a key is missing, or keys repeat and nobody said what then.
-#}
{% macro refuse_unusable_table(relation, key, duplicates) %}
{% if execute %}
    {% set table = relation.identifier %}
    {% set columns = key | join(', ') %}
    {% set named = ('Columns ' if key | length > 1 else 'Column ') ~ columns ~ ' of ' ~ table %}
    {% set counts = segmentation.key_counts(relation, key) %}
    {% if counts['rows'] == 0 %}
        {% do exceptions.raise_compiler_error(
            table ~ " is empty, so there is nothing to segment. Fill it and build again."
        ) %}
    {% elif duplicates == 'keep' %}
    {% elif counts['missing'] %}
        {% do exceptions.raise_compiler_error(
            named ~ " has no value in " ~ counts['missing'] ~ " of " ~ counts['rows']
            ~ " rows, but it is the key. Leave those rows out of " ~ table
            ~ ", or choose another key."
        ) %}
    {% elif duplicates is none and counts['keys'] < counts['rows'] %}
        {% do exceptions.raise_compiler_error(
            named ~ " is the key, but has only " ~ counts['keys'] ~ " different values in "
            ~ counts['rows'] ~ " rows (" ~ counts['most_frequent'] ~ " stands in "
            ~ counts['most_frequent_rows'] ~ "). Choose another key, or say what becomes of "
            ~ "duplicates: first, aggregate or keep."
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
