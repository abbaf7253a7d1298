-- An accounting identity: for each source table the rows read are the rows
-- kept and the rows dropped, each for one reason. The two sides are counted on
-- different relations (raw and checked).
with data_quality as (
    select * from {{ ref('data_quality') }}
),

accounts as (
    select
        table_name,
        sum(case when check_name = 'rows read' then rows else 0 end)
            as rows_read,
        sum(case when check_name = 'rows kept' then rows else 0 end)
            as rows_kept,
        sum(case when action = 'dropped' then rows else 0 end) as rows_dropped
    from data_quality
    group by table_name
)

select * from accounts
where rows_read <> rows_kept + rows_dropped
