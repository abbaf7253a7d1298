{{ config(materialized='table') }}

{%- set meanings = ['kept', 'delivered', 'cancelled', 'returned'] %}
{%- set said = segmentation.setting('statuses') %}
{%- for status, meaning in said.items() if meaning not in meanings %}
    {%- do segmentation.refuse_setting(
        'statuses', said,
        "must say kept, delivered, cancelled or returned of each"
    ) %}
{%- endfor %}

with said as (
    {% for status, meaning in said.items() -%}
    select
        '{{ status | lower | replace("'", "''") | replace('_', ' ')
            | replace('-', ' ') }}' as status,
        '{{ meaning }}' as meaning
    union all
    {% endfor -%}
    select
        cast(null as string) as status,
        cast(null as string) as meaning
    where false
),

known as (
    select * from {{ ref('status_meanings') }}
)

select
    status,
    meaning
from said
union all
select
    known.status,
    known.meaning
from known
left join said on known.status = said.status
where said.status is null
