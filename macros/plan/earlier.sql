{#-
    Rows that earlier builds left in a table which this build writes further
    down: read through a source, because a ref would be a cycle, and empty
    before the first build. A column that an earlier version did not write is
    null. What is to be forgotten is left out: everything with
    `forget_models: true`, else the segmentations it names, or, for a table
    without that column, `of`. `columns` lists [name, type] pairs.
-#}
{% macro earlier(relation, columns, of=none) %}
{#- In a unit test the relation is a CTE, which no database knows. #}
{%- set forgotten = segmentation.setting('forget_models') %}
{%- set is_there = execute and forgotten is not true
    and of not in (forgotten or [])
    and (relation.is_cte or load_relation(relation) is not none) %}
{%- set written = adapter.get_columns_in_relation(relation)
    | map(attribute='name') | list if is_there and not relation.is_cte
    else columns | map('first') | list %}
select
    {%- for name, type in columns %}
    cast({{ name if is_there and name in written else 'null' }} as {{ type }})
        as {{ name }}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- if is_there %}
from {{ relation }}
{%- if forgotten and not of %}
where segmentation not in ('{{ forgotten | join("', '") }}')
{%- endif %}
{%- else %}
where 1 = 0
{%- endif %}
{% endmacro %}
