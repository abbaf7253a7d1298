-- noqa: disable=LT02
with checked_rows as (
    {%- for table_name in raw_tables() %}
        select
            '{{ table_name }}' as table_name,
            fate
        from {{ ref('int_thelook_' ~ table_name ~ '_checked') }}
                {{ 'union all' if not loop.last }}
    {%- endfor %}
),

counted_rows as (
    select
        table_name,
        fate,
        count(*) as fate_rows
    from checked_rows
    group by table_name, fate
),

possible_fates as (
    {%- for table_name in raw_tables() %}
        {%- set outer_loop = loop %}
        {%- for fate in row_fates(table_name) %}
            select
                '{{ table_name }}' as table_name,
                '{{ fate }}' as fate
                        {{ 'union all' if not (loop.last and outer_loop.last) }}
        {%- endfor %}
    {%- endfor %}
)

select
    possible_fates.table_name,
    possible_fates.fate,
    coalesce(counted_rows.fate_rows, 0) as fate_rows
from possible_fates
left join counted_rows
    on
        possible_fates.table_name = counted_rows.table_name
        and possible_fates.fate = counted_rows.fate
