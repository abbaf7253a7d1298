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


{#- A unit test is a query like a model's: what it reads often is computed once.
-#}
{% macro sparksession__get_unit_test_sql(
    main_sql, expected_fixture_sql, expected_column_names
) -%}
{{ default__get_unit_test_sql(
    adapter.with_parts_kept(main_sql, make_temp_relation(this)),
    expected_fixture_sql,
    expected_column_names
) }}
{%- endmacro %}
