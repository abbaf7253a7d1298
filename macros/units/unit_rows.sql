{#-
    What the rows of a segmentation are read from: its table, or, where the
    entry lists `columns`, those columns of the table, cleaned, under one key:
    texts without blanks or marks for nothing, numbers that are finite. Several
    columns of a key are one text; rows that are kept are numbered. Write it
    after `from`, with an alias.
-#}
{% macro unit_rows(s) %}
{% if not s.columns %}{{ return(ref(s.table)) }}{% endif %}
{% set key = segmentation.joined_key([s.key] if s.key is string else s.key) %}
{% set cleaned %}(
    with unit_rows as (

        {{ segmentation.rows_by_key(
            ref(s.table), s.key, s.duplicates, s.columns
        ) | indent(8) }}

    )

    select
        {{ 'row_number' if s.duplicates == 'keep'
            else 'cast(' ~ key ~ ' as ' ~ s.key_type ~ ')' }}
            as {{ s.key_column }}
        {%- for column in s.columns %},
        {% set value = adapter.quote(column.from or column.name) -%}
        {%- if column.type in ['string', 'boolean'] -%}
        {{ segmentation.or_missing(segmentation.clean_text(value)) }}
        {%- elif column.type == 'double' -%}
        cast({{ segmentation.finite_number(value) }} as double)
        {%- else -%}
        cast({{ value }} as {{ column.type }})
        {%- endif %} as {{ column.name }}
        {%- endfor %}
    from unit_rows
){% endset %}
{{ return(cleaned) }}
{% endmacro %}
