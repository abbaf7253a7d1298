{#-
    What the rows of a segmentation are read from: its table, or, where the
    entry lists `columns`, those columns of the table, cleaned, under one key.
    Write it after `from`, with an alias.
-#}
{% macro unit_rows(s) %}
{% if not s.columns %}{{ return(ref(s.table)) }}{% endif %}
{% set cleaned %}(
    with unit_rows as (

        {{ segmentation.rows_by_key(
            ref(s.table), s.key, s.duplicates, s.columns
        ) | indent(8) }}

    )

    select
        {{ segmentation.unit_key(s) }} as {{ s.key_column }}
        {%- for column in s.columns %},
        {{ segmentation.clean_column(column) }} as {{ column.name }}
        {%- endfor %}
    from unit_rows
){% endset %}
{{ return(cleaned) }}
{% endmacro %}


{#- Several columns of a key are one text; rows that are kept are numbered. -#}
{% macro unit_key(s) -%}
{%- if s.duplicates == 'keep' -%}
row_number
{%- else -%}
cast({{ segmentation.joined_key(
    [s.key] if s.key is string else s.key
) }} as {{ s.key_type }})
{%- endif -%}
{%- endmacro %}


{#- Texts without blanks or marks for nothing, numbers that are finite. -#}
{% macro clean_column(column) -%}
{%- set name = segmentation.column_of(column) -%}
{%- if column.type in ['string', 'boolean'] -%}
{{ segmentation.or_missing(segmentation.clean_text(name)) }}
{%- elif column.type == 'double' -%}
cast({{ segmentation.finite_number(name) }} as double)
{%- else -%}
cast({{ name }} as {{ column.type }})
{%- endif -%}
{%- endmacro %}


{#- Quoted as the table has it, or as it is where the entry says no other. -#}
{% macro column_of(column) -%}
{{ adapter.quote(column.from or column.name) }}
{%- endmacro %}
