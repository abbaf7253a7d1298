{#-
    A table's rows with one row per key. `duplicates` says what becomes of rows
    that share a key:
    - none: nothing; the plan leaves a table out whose keys repeat
    - first: the one whose values come first, compared column by column, so
      that the choice does not hang on the order of rows
    - aggregate: numbers are averaged, texts become the most frequent one (ties
      to the first by name), and `row_count` says how many rows there were, so
      that a sum is row_count times the average
    - keep: all rows, numbered in the order of their values: `row_number` is
      the key. A row that is added later can shift the numbers after it.
-#}
{% macro rows_by_key(relation, key, duplicates, columns) -%}
{%- set key = [key] if key is string else key -%}
{%- set numbers, categories = [], [] -%}
{%- for column in columns
    if duplicates != 'aggregate' or column.name != 'row_count' -%}
    {%- do (
        categories if column.type in ['string', 'boolean'] else numbers
    ).append(column.from or column.name) -%}
{%- endfor -%}
{%- if duplicates is none -%}
select * from {{ relation }}
{%- elif duplicates == 'first' -%}
select *
from {{ relation }}
qualify row_number() over (
    partition by {{ segmentation.quoted_list(key) }}
    order by {{ segmentation.in_order(numbers + categories) }}
) = 1
{%- elif duplicates == 'keep' -%}
select
    *,
    cast(row_number() over (
        order by {{ segmentation.in_order(key + numbers + categories) }}
    ) as bigint) as row_number
from {{ relation }}
{%- elif duplicates == 'aggregate' -%}
{{ segmentation.aggregated_rows(relation, key, numbers, categories) }}
{%- else -%}
{%- do exceptions.raise_compiler_error(
    "duplicates is '" ~ duplicates ~ "' in " ~ model.name
    ~ ". Use none, first, aggregate or keep."
) -%}
{%- endif -%}
{%- endmacro %}


{#- An order in which only rows that are alike in these columns are equal. -#}
{% macro in_order(columns) %}
    {%- set terms = [] -%}
    {%- for column in columns -%}
        {%- do terms.append(adapter.quote(column) ~ ' nulls last') -%}
    {%- endfor -%}
    {{- terms | join(', ') -}}
{% endmacro %}
