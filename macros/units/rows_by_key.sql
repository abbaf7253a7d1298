{#-
    A table's rows with one row per key. `duplicates` says what becomes of rows
    that share a key:
    - none: nothing; the plan leaves a table out whose keys repeat
    - first: the one whose values come first, compared column by column, so
      that the choice does not hang on the order of rows
    - aggregate: numbers are averaged, through decimals, so that the order of
      rows changes nothing; texts become the most frequent one (ties to the
      first by name), and `row_count` says how many rows there were, so that a
      sum is row_count times the average
    - keep: all rows, numbered in the order of their values: `row_number` is
      the key. A row that is added later can shift the numbers after it.
-#}
{% macro rows_by_key(relation, key, duplicates, columns) -%}
{%- set key = [key] if key is string else key -%}
{%- set keys = segmentation.quoted_list(key) -%}
{%- set numbers, categories = [], [] -%}
{%- for column in columns
    if duplicates != 'aggregate' or column.name != 'row_count' -%}
    {%- do (
        categories if column.type in ['string', 'boolean'] else numbers
    ).append(column.from or column.name) -%}
{%- endfor -%}
{#- An order in which only rows that are alike in these columns are equal. #}
{%- set order = [] -%}
{%- for column in key + numbers + categories -%}
    {%- do order.append(adapter.quote(column) ~ ' nulls last') -%}
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
        order by {{ order | join(', ') }}
    ) as bigint) as row_number
from {{ relation }}
{%- elif duplicates == 'aggregate' -%}
with averages as (

    select
        {{ keys }},
        cast(count(*) as bigint) as row_count
        {%- for column in numbers %},
        cast(avg(try_cast(
            {{ segmentation.finite_number(adapter.quote(column)) }}
            as decimal(38, 9)
        )) as double) as {{ adapter.quote(column) }}
        {%- endfor %}
    from {{ relation }}
    group by {{ keys }}

)
{%- for column in categories %},

texts_{{ loop.index }} as (

    select
        {{ keys }},
        {{ adapter.quote(column) }}
    from {{ relation }}
    where {{ adapter.quote(column) }} is not null
    group by {{ keys }}, {{ adapter.quote(column) }}
    qualify row_number() over (
        partition by {{ keys }}
        order by count(*) desc, {{ adapter.quote(column) }}
    ) = 1

)
{%- endfor %}

select
    averages.*
    {%- for column in categories %},
    texts_{{ loop.index }}.{{ adapter.quote(column) }}
    {%- endfor %}
from averages
{%- for column in categories %}
left join texts_{{ loop.index }} using ({{ keys }})  -- noqa: ST07
{%- endfor %}
{%- else -%}
{%- do exceptions.raise_compiler_error(
    "duplicates is '" ~ duplicates ~ "' in " ~ model.name
    ~ ". Use none, first, aggregate or keep."
) -%}
{%- endif -%}
{%- endmacro %}
