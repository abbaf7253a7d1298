{#-
    Post-hook of a table that has something to say in a column, one sentence a
    line: a `note` is printed, a `warning` is warned of, and an `error` stops
    the build.
-#}
{% macro say(column) %}
{% set said = run_query(
    "select " ~ column ~ " from " ~ this ~ " where " ~ column ~ " <> ''"
    ~ " order by " ~ column
).columns[0].values() | join('\n') if execute else '' %}
{% for sentence in said.split('\n') if sentence %}
    {% if column == 'error' %}
        {% do exceptions.raise_compiler_error(sentence) %}
    {% elif column == 'warning' %}
        {% do exceptions.warn(sentence) %}
    {% else %}
        {% do log(sentence, info=true) %}
    {% endif %}
{% endfor %}
{% endmacro %}
