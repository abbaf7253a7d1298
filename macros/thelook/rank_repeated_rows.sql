{#- CTEs that end in ranked_rows: every row of a relation with copy_number
    (above 1: an exact duplicate of another) and version_number (above 1:
    another row under the same key is better, by `best_first`). Windows run over
    repeated keys only, which are few. A row's text only breaks ties: ('a|b',
    'c') and ('a', 'b|c') have the same one, so that copies are told by the
    columns themselves. -#}
{% macro rank_repeated_rows(relation, key, columns, best_first) -%}
repeated_keys as (
    select {{ key }} as repeated_key
    from {{ relation }}
    where {{ key }} is not null
    group by {{ key }}
    having count(*) > 1
),

repeated_rows as (
    select
        {{ relation }}.*,
        concat_ws(
            '|',
            {%- for column in columns %}
            coalesce(cast({{ column }} as string), '')
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as row_text
    from {{ relation }}
    inner join repeated_keys on {{ relation }}.{{ key }} = repeated_key
),

ranked_rows as (
    select
        {{ relation }}.*,
        cast(1 as bigint) as copy_number,
        cast(1 as bigint) as version_number
    from {{ relation }}
    left join repeated_keys on {{ relation }}.{{ key }} = repeated_key
    where repeated_key is null
    union all
    select
        {{ columns | join(',\n        ') }},
        row_number() over (
            partition by {{ columns | join(', ') }} order by row_text
        ),
        dense_rank() over (
            partition by {{ key }}
            order by
                {{ best_first }},
                row_text desc
                {%- for column in columns %},
                {{ column }} desc nulls last
                {%- endfor %}
        )
    from repeated_rows
)
{%- endmacro %}
