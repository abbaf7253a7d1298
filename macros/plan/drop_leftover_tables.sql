{#-
    dbt-duckdb makes an incremental Python model by way of a table that it does
    not drop: without this, every build would leave one more of each.
-#}
{% macro default__drop_leftover_tables() %}{% endmacro %}

{% macro duckdb__drop_leftover_tables() %}
{% if execute %}
    {% set leftovers = run_query(
        "select schema_name, table_name from duckdb_tables() "
        "where regexp_matches(table_name, '^fit_\\w+__dbt_tmp\\d+$') "
        "and database_name = current_database()"
    ) %}
    {% for leftover in leftovers %}
        {% do run_query(
            'drop table "' ~ leftover[0] ~ '"."' ~ leftover[1] ~ '"'
        ) %}
    {% endfor %}
{% endif %}
{% endmacro %}
