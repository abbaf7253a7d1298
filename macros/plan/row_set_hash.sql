{#-
    A hash of a set of rows, the same in whatever order they come: the sum of
    the rows' md5 numbers. Sums of 128-bit hashes need constant memory at any
    number of rows; the key among the columns keeps equal rows apart.
-#}
{% macro row_set_hash(columns) %}
    {{ return(adapter.dispatch('row_set_hash', 'segmentation')(columns)) }}
{% endmacro %}

{% macro default__row_set_hash(columns) -%}
md5(concat_ws(
    '-', count(*), sum(cast(md5_number_lower({{ segmentation.row_text(columns) }}) as hugeint))
))
{%- endmacro %}

{% macro spark__row_set_hash(columns) -%}
md5(concat_ws(
    '-', count(*), sum(cast(xxhash64({{ segmentation.row_text(columns) }}) as decimal(38, 0)))
))
{%- endmacro %}


{#-
    A row as one text, different for different rows: `|,` stands between values,
    `|-` for a missing one and `|.` for a bar in a text.
-#}
{% macro row_text(columns) -%}
concat_ws('|,'
{%- for column in columns -%}
, coalesce(replace(cast({{ column }} as string), '|', '|.'), '|-')
{%- endfor -%}
)
{%- endmacro %}
