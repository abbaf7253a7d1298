{#-
    A table's rows with one row per key. `duplicates` says what becomes of rows
    that share a key:
    - none: nothing; the plan leaves a table out whose keys repeat
    - first: the one whose values come first, compared column by column, so
      that the choice does not hang on the order of rows
    - aggregate: each column becomes what its `aggregate` says, under its name
      as a feature, and `row_count` says how many rows there were. `mean` and
      `sum` add in the order of the values, so that the order of rows changes
      nothing; `count` is of different values; `last` is of the newest
      of `dates`; else a text is the most frequent (ties to the first)
    - keep: all rows, numbered in the order of their values: `row_number` is
      the key. A row that is added later can shift the numbers after it.
-#}
{% macro rows_by_key(relation, key, duplicates, columns, dates=none) -%}
{%- set keys = segmentation.quoted_list(key) -%}
{%- set features = columns | rejectattr('name', 'equalto', 'row_count') | list
    if duplicates == 'aggregate' else columns -%}
{%- set texts = features
    | selectattr('type', 'in', ['string', 'boolean']) | list -%}
{%- set numbers = features | reject('in', texts) | list -%}
{%- set chosen = texts | rejectattr('aggregate') | list
    + features | selectattr('aggregate', 'equalto', 'last') | list -%}
{#- An order in which only rows that are alike in these columns are equal. #}
{%- set order = [] -%}
{%- for column in numbers + texts -%}
    {%- do order.append(segmentation.unit_value(column) ~ ' nulls last') -%}
{%- endfor -%}
{%- if duplicates is none -%}
select * from {{ relation }}
{%- elif duplicates == 'first' -%}
select *
from {{ relation }}
qualify row_number() over (
    partition by {{ keys }}
    order by {{ order | join(', ') }}
) = 1
{%- elif duplicates == 'keep' -%}
select
    *,
    cast(row_number() over (
        order by {{ (([keys] if key else []) + order) | join(', ') }}
    ) as bigint) as row_number
from {{ relation }}
{%- else -%}
with added_up as (

    select
        {{ keys }},
        cast(count(*) as bigint) as row_count
        {%- for column in features | reject('in', chosen) %},
        {% set value = segmentation.unit_value(column) -%}
        {%- set known = 'coalesce(' ~ value ~ ', 0.0e0)' -%}
        {%- set times = 'count(' ~ value ~ ')' -%}
        {%- if column.aggregate == 'count' -%}
        count(distinct {{ value }})
        {%- else -%}
        list_sum(list({{ known }} order by {{ known }}))
        / nullif({{ times if column.aggregate != 'sum'
            else 'sign(' ~ times ~ ')' }}, 0)
        {%- endif %} as {{ column.name }}
        {%- endfor %}
    from {{ relation }}
    group by {{ keys }}

)
{%- for column in chosen %},

chosen_{{ loop.index }} as (

    select
        {{ keys }},
        {{ column.name }}
    from (
        select
            {{ keys }},
            {{ adapter.quote(dates) if column.aggregate == 'last' else 'null' }}
                as chosen_by,
            {{ segmentation.unit_value(column) }} as {{ column.name }}
        from {{ relation }}
    ) as cleaned
    where {{ column.name }} is not null
    group by {{ keys }}, {{ column.name }}
    qualify row_number() over (
        partition by {{ keys }}
        order by
            max(chosen_by) desc nulls last, count(*) desc, {{ column.name }}
    ) = 1

)
{%- endfor %}

select
    added_up.*
    {%- for column in chosen %},
    chosen_{{ loop.index }}.{{ column.name }}
    {%- endfor %}
from added_up
{%- for column in chosen %}
left join chosen_{{ loop.index }} using ({{ keys }})  -- noqa: ST07
{%- endfor %}
{%- endif -%}
{%- endmacro %}
