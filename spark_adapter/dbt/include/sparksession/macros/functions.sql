{#- What dbt's macros write is translated with the model: they write DuckDB's SQL. -#}
{% macro sparksession__datediff(first_date, second_date, datepart) -%}
    date_diff('{{ datepart }}', {{ first_date }}, {{ second_date }})
{%- endmacro %}

{% macro sparksession__dateadd(datepart, interval, from_date_or_timestamp) -%}
    ({{ from_date_or_timestamp }}
    + cast({{ interval }} as bigint) * interval 1 {{ datepart }})
{%- endmacro %}

{% macro sparksession__date_trunc(datepart, date) -%}
    date_trunc('{{ datepart }}', {{ date }})
{%- endmacro %}

{% macro sparksession__current_timestamp() -%}
    now()
{%- endmacro %}

{% macro sparksession__safe_cast(field, type) -%}
    cast({{ field }} as {{ adapter.duckdb_type(type) }})
{%- endmacro %}

{% macro sparksession__escape_single_quotes(expression) -%}
{{ expression | replace("'", "''") }}
{%- endmacro %}


{#- A query is planned once: for its columns, and for the run. A view is stored
    as text, which Spark plans itself. -#}
{% macro sparksession__get_empty_subquery_sql(
    select_sql, select_sql_header=none
) -%}
select * from (
{{ select_sql if model.config.materialized == 'view'
    else adapter.planned(select_sql, planned_for()) }}
) as model_rows where false
{%- endmacro %}


{% macro sparksession__get_unit_test_sql(
    main_sql, expected_fixture_sql, expected_column_names
) -%}
{{ default__get_unit_test_sql(
    adapter.planned(main_sql, planned_for()),
    expected_fixture_sql,
    expected_column_names
) }}
{%- endmacro %}


{#- A unit test makes no table but one of its own, which is dropped at its end.
    -#}
{% macro planned_for() %}
{{ return(make_temp_relation(this) if model.resource_type == 'unit_test'
    else this) }}
{% endmacro %}
