{#-
    Rows that earlier builds left in a table which this build writes further
    down: read through a source, because a ref would be a cycle, and empty
    before the first build or when the past is to be forgotten. `columns` lists
    [name, type] pairs.
-#}
{% macro earlier(relation, columns) %}
{#- In a unit test the relation is a CTE, which no database knows. -#}
{%- if execute and not var('forget_models', false)
    and (relation.is_cte or load_relation(relation) is not none) -%}
select
    {%- for name, type in columns %}
    cast({{ name }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ relation }}
{%- else -%}
select
    {%- for name, type in columns %}
    cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
where 1 = 0
{%- endif -%}
{% endmacro %}
