{#-
    Counting per key and value first leaves one row per pair, so the number of
    distinct values is a plain count of the same rows. Text compares by byte on
    DuckDB (default_collation unset) and on Spark (UTF8_BINARY), so that the
    last tie-break does not depend on a locale.
-#}
{% macro most_frequent(relation, key, value, spend, distinct_values) %}
    select
        {{ key }},
        {{ value }} as most_frequent_{{ value }},
        {{ distinct_values }}
    from (
        select
            {{ key }},
            {{ value }},
            row_number() over (
                partition by {{ key }}
                order by count(*) desc, sum({{ spend }}) desc, {{ value }} asc
            ) as value_rank,
            count(*) over (partition by {{ key }}) as {{ distinct_values }}
        from {{ relation }}
        where {{ value }} is not null
        group by {{ key }}, {{ value }}
    ) as ranked_values
    where value_rank = 1
{%- endmacro %}
