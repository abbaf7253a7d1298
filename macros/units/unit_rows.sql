{#-
    What the rows of a segmentation are read from: its table, or, where the
    entry lists `columns`, those columns of the table, cleaned, under one key:
    texts without blanks or marks for nothing, numbers that are finite. Several
    columns of a key are one text; rows that are kept are numbered. Write it
    after `from`, with an alias. `only` are the columns that are
    read: hundreds for each of hundreds are megabytes of SQL. What becomes of
    rows that share a key needs all of them.
-#}
{% macro unit_rows(s, only=none) %}
{% if not s.columns %}{{ return(ref(s.table)) }}{% endif %}
{% set columns = s.columns if only is none else s.columns
    | selectattr('name', 'in', only | map(attribute='name') | list) | list %}
{% set key = segmentation.joined_key(s.key_columns) %}
{% set cleaned %}(
    with unit_rows as (

        {{ segmentation.rows_by_key(
            ref(s.table), s.key_columns, s.duplicates, columns, s.date_column
        ) | indent(8) }}

    )

    select
        {{ 'row_number' if s.duplicates == 'keep'
            else 'cast(' ~ key ~ ' as ' ~ s.key_type ~ ')' }}
            as {{ s.key_column }}
        {%- for column in columns %},
        {% set value = column.name if s.duplicates == 'aggregate'
            else segmentation.unit_value(column) -%}
        {{ segmentation.or_missing(value)
            if column.type in ['string', 'boolean']
            else 'cast(' ~ value ~ ' as ' ~ column.type ~ ')' }}
            as {{ column.name }}
        {%- endfor %}
    from unit_rows
){% endset %}
{{ return(cleaned) }}
{% endmacro %}


{#-
    The value of a column of such a table, null where it is missing. One with a
    `decimal` holds numbers as texts: that mark stands before a fraction, and
    what is no number is missing. A category keeps such texts, with points.
-#}
{% macro unit_value(column) %}
    {% set value = adapter.quote(column.from or column.name) %}
    {% if column.type in ['string', 'boolean'] or column.decimal
        or column.aggregate == 'count' %}
        {% set value = segmentation.clean_text(value) %}
    {% endif %}
    {% if column.decimal %}
        {% set text = "replace(" ~ value ~ ", '" ~ column.decimal ~ "', '.')" %}
        {% set value = 'try_cast(' ~ text ~ ' as double)' %}
        {% set value = 'case when ' ~ value ~ ' is not null then ' ~ text
            ~ ' end' if column.type == 'string' else value %}
    {% endif %}
    {{ return(
        segmentation.finite_number(value) if column.type == 'double' else value
    ) }}
{% endmacro %}
