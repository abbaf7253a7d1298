{#-
    One row per key: numbers averaged through decimals, so that the order of
    rows changes nothing; of each text the most frequent, ties by name.
-#}
{% macro aggregated_rows(relation, key, numbers, categories) -%}
{%- set keys = segmentation.quoted_list(key) -%}
with averages as (

    select
        {{ keys }},
        cast(count(*) as bigint) as row_count
        {%- for column in numbers %},
        cast(avg(try_cast({{ segmentation.finite_number(adapter.quote(column)) }}
            as decimal(38, 9))) as double) as {{ adapter.quote(column) }}
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
{%- set texts = 'texts_' ~ loop.index %}
left join {{ texts }}
    on {% for name in key -%}
        averages.{{ adapter.quote(name) }} = {{ texts }}.{{ adapter.quote(name) }}
        {{- ' and ' if not loop.last }}
    {%- endfor %}
{%- endfor %}
{%- endmacro %}
