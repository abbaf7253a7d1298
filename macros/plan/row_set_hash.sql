{#-
    A hash of a set of rows, the same in whatever order they come: the sum of
    the rows' hashes, in constant memory at any number of rows. DuckDB combines
    the hashes of a row's values bit by bit; hashed once more, no value can move
    to another row unseen. Its hashes may change from one release to the next.
-#}
{% macro row_set_hash(columns) %}
    {{ return(adapter.dispatch('row_set_hash', 'segmentation')(columns)) }}
{% endmacro %}

{% macro default__row_set_hash(columns) -%}
md5(concat_ws(
    '-', count(*), sum(cast(hash(hash({{ columns | join(', ') }})) as hugeint))
))
{%- endmacro %}

{#-
    Spark's hash of several values skips those that are missing, so that a row
    is hashed as one text, different for different rows: `|,` stands between
    values, `|-` for a missing one and `|.` for a bar in a text.
-#}
{% macro spark__row_set_hash(columns) -%}
md5(concat_ws(
    '-',
    count(*),
    sum(cast(xxhash64(concat_ws(
        '|,',
        {%- for column in columns %}
        coalesce(replace(cast({{ column }} as string), '|', '|.'), '|-')
        {{- ',' if not loop.last }}
        {%- endfor %}
    )) as decimal(38, 0)))
))
{%- endmacro %}
