{% macro sparksession__create_table_as(
    temporary, relation, compiled_code, language='sql'
) %}
{%- if language == 'python' -%}
    {{ py_write_table(compiled_code, relation) }}
{%- elif temporary -%}
    create or replace temporary view {{ relation }} as
    {{ adapter.spark_sql(compiled_code) }}
{%- else -%}
    {%- set is_contract = config.get('contract').enforced -%}
    {%- set query = adapter.planned(compiled_code, this) -%}
    {%- if is_contract -%}
        {{ get_assert_columns_equivalent(query) }}
    {%- endif -%}
    create table {{ relation }} using parquet {{ comment_clause() }} as
    {% if is_contract -%}
    select {{ checked_columns(this.identifier) }} from (
    {%- endif %}
    {{ adapter.spark_sql(query, this.identifier) }}
    {%- if is_contract %}
    ) as model_rows
    {%- endif %}
{%- endif -%}
{% endmacro %}


{#- The columns of a contract in its order. Parquet knows no `not null`: a
    missing value ends the statement that writes it. -#}
{% macro checked_columns(table) %}
{%- for name, column in model.columns.items() %}
    {%- if column.constraints | selectattr('type', 'equalto', 'not_null') | list %}
    coalesce({{ name }}, raise_error(
        'NOT NULL constraint failed: {{ table }}.{{ name }}'
    )) as {{ name }}
    {%- else %}
    {{ name }}
    {%- endif %}
    {{- ',' if not loop.last }}
{%- endfor %}
{% endmacro %}


{% macro sparksession__create_view_as(relation, sql) %}
{%- if config.get('contract').enforced -%}
    {{ get_assert_columns_equivalent(sql) }}
{%- endif -%}
create or replace view {{ relation }} {{ comment_clause() }} as
{{ adapter.spark_sql(sql) }}
{% endmacro %}


{% macro py_write_table(compiled_code, target_relation) %}
{{ compiled_code }}
from dbt.adapters.sparksession.tables import typed
from segmentation.features.frames import spark_frame
result = model(dbtObj(spark.table), spark)
rows = typed(spark, spark_frame(spark, result), "{{ this }}")
rows.write.mode("overwrite").format("parquet").saveAsTable("{{ target_relation }}")
{% endmacro %}


{#- A seed is written at once, beside the last one; dbt loads no rows where
    there are none. -#}
{% macro sparksession__create_csv_table(model, agate_table) %}
{% do adapter.write_seed(
    this, agate_table, model.config.get('column_types') or {}) %}
{{ return('') }}
{% endmacro %}


{% macro sparksession__reset_csv_table(
    model, full_refresh, old_relation, agate_table
) %}
{{ return(create_csv_table(model, agate_table)) }}
{% endmacro %}


{% macro sparksession__load_csv_rows(model, agate_table) %}
{{ return('') }}
{% endmacro %}


{% macro sparksession__persist_constraints(relation, model) %}{% endmacro %}
