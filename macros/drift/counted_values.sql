{#-
    Every different value of the fitted bins' features of one kind, counted. Each
    reads the table by itself: a shared CTE would keep all columns in memory.
-#}
{% macro counted_values(units, bins, features, kind, type) -%}
{%- set kept = features | selectattr('kind', 'equalto', kind) | list -%}
{%- for feature in kept -%}
select
    '{{ feature.name }}' as feature,
    cast({{ feature.name }} as {{ type }}) as feature_value,
    count(*) as row_count
from {{ units }} as units
where exists (
    select 1 from {{ bins }} as bins
    where bins.feature = '{{ feature.name }}'
)
group by {{ feature.name }}
{% if not loop.last %}
union all
{% endif %}
{%- else -%}
select
    cast(null as string) as feature,
    cast(null as {{ type }}) as feature_value,
    0 as row_count
where 1 = 0
{%- endfor -%}
{%- endmacro %}
