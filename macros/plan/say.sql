{#-
    Post-hook of a table that has something to say in a column, one sentence a
    line: a `note` is printed, a `warning` is warned of, and the `error`s stop
    the build together.
-#}
{% macro say(column) %}
{% set said = run_query(
    "select " ~ column ~ " from " ~ this ~ " where " ~ column ~ " <> ''"
    ~ " order by " ~ column
).columns[0].values() | join('\n') if execute else '' %}
{% if column == 'error' and said %}
    {% do exceptions.raise_compiler_error(said) %}
{% endif %}
{% for sentence in said.split('\n') if sentence %}
    {% if column == 'warning' %}
        {% do exceptions.warn(sentence) %}
    {% else %}
        {% do log(sentence, info=true) %}
    {% endif %}
{% endfor %}
{% endmacro %}
