{#-
    A score from 1 to 5: one more than the fifths of all rows that come before
    a row. Only rows with another value come before it, so equal values always
    share a score, whatever their number. Multiplied before it is divided, so
    that a boundary is hit exactly.
-#}
{% macro quintile_score(value, direction='asc') -%}
cast(floor(
        5.0e0 * (rank() over (order by {{ value }} {{ direction }}) - 1)
        / count(*) over ()
    ) as bigint) + 1
{%- endmacro %}
