{#-
    A hash of a set of rows, the same in whatever order they come: the sum of
    the rows' hashes, in constant memory at any number of rows. DuckDB combines
    the hashes of a row's values bit by bit; hashed once more, no value can move
    to another row unseen. Its hashes may change from one release to the next.
-#}
{% macro row_set_hash(columns) -%}
md5(concat_ws(
    '-', count(*), sum(cast(hash(hash({{ columns | join(', ') }})) as hugeint))
))
{%- endmacro %}
