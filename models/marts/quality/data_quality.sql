with values_counted as (
    select * from {{ ref('int_thelook_values_counted') }}
),

fates_counted as (
    select * from {{ ref('int_thelook_fates_counted') }}
),

oddities_counted as (
    select * from {{ ref('int_thelook_oddities_counted') }}
),

tables_read as (
    select distinct
        table_name,
        rows_read
    from values_counted
),

checks as (
    select
        table_name,
        'rows read' as check_name,
        rows_read as check_rows,
        'read' as action
    from tables_read
    union all
    select
        table_name,
        case when fate = 'kept' then 'rows kept' else fate end as check_name,
        fate_rows as check_rows,
        case when fate = 'kept' then 'kept' else 'dropped' end as action
    from fates_counted
    union all
    select
        table_name,
        concat('missing value in ', column_name) as check_name,
        rows_read - values_given as check_rows,
        -- What was not sent has no such date.
        case when column_name = 'shipped_at' then 'kept' else 'left missing' end
            as action
    from values_counted
    union all
    select
        table_name,
        concat('unreadable value in ', column_name) as check_name,
        values_given - values_read as check_rows,
        'set to missing' as action
    from values_counted
    where kind <> 'text'
    union all
    select
        table_name,
        check_name,
        odd_rows as check_rows,
        action
    from oddities_counted
)

select
    checks.table_name,
    checks.check_name,
    cast(checks.check_rows as bigint) as rows,
    coalesce(
        cast(checks.check_rows as double) / nullif(tables_read.rows_read, 0),
        0.0e0
    ) as share,
    checks.action
from checks
inner join tables_read on checks.table_name = tables_read.table_name
