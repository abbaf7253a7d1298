-- noqa: disable=LT02
{{ config(
    enabled=segmentation.has_shop(),
    materialized='table',
    post_hook=[
        "{{ segmentation.say('error') }}",
        "{{ segmentation.say('warning') }}",
    ],
) }}
{% set warn = segmentation.setting('warn_dropped') %}
{% set stop = segmentation.setting('stop_dropped') %}
{% set accepted_drops = segmentation.setting('accepted_drops') %}
{% if accepted_drops.values() | reject('number') | list %}
    {% do segmentation.refuse_setting(
        'accepted_drops', accepted_drops, 'must say a share of each cause'
    ) %}
{% endif %}

with checks as (

    select * from {{ ref('shop_checks') }}

),

remembered as (

    select max(as_of_date) as newest_date
    from (
        {{ segmentation.earlier(
            source('segmentation_state', 'segment_changes'),
            [['segmentation', 'string'], ['as_of_date', 'date']],
        ) | indent(8) }}
    ) as changes
    where segmentation in ('customer', 'product')

),

-- The same row twice loses nothing.
of_tables as (

    select
        table_name,
        sum(case
            when action = 'read' then rows
            when check_name = 'exact duplicate' then -rows
            else 0
        end) as rows_read,
        sum(case
            when action = 'read' then money
            when check_name = 'exact duplicate' then -money
        end) as money_read,
        sum(case when check_name = 'rows kept' then rows else 0 end)
            as rows_kept,
        sum(case when check_name = 'rows kept' then money end) as money_kept
    from checks
    group by table_name

),

causes as (

    select
        checks.table_name,
        checks.check_name,
        checks.rows as row_count,
        checks.example,
        concat(checks.table_name, ' ', checks.check_name) as cause,
        checks.rows / (1.0e0 * of_tables.rows_read) as row_share,
        case
            when checks.money > 0
                then checks.money / (1.0e0 * of_tables.money_kept
                    + checks.money)
            else 0
        end as money_share
    from checks
    inner join of_tables on checks.table_name = of_tables.table_name
    where
        checks.action = 'dropped'
        and checks.check_name <> 'exact duplicate'
        and checks.rows > 0

),

judged as (

    select
        *,
        greatest(row_share, money_share) > case cause
            {%- for cause, share in accepted_drops.items() %}
            when '{{ cause | replace("'", "''") }}' then {{ share }}
            {%- else %}
            when '' then 0
            {%- endfor %}
            else 0
        end as is_told
    from causes

),

ranked as (

    select
        *,
        row_number() over (
            partition by table_name order by row_count desc, check_name asc
        ) as place
    from judged
    where is_told

),

dropped as (

    select
        table_name,
        sum(row_share) as row_share,
        sum(money_share) as money_share,
        max(case
            when check_name = 'bad price' and example <> ''
                and try_cast(example as double)
                > {{ segmentation.setting('max_sale_price') }}
                then 'raise max_sale_price, m'
            else 'm'
        end) as remedy,
        max(case when place = 1 then concat(
            cause, ': ', cast(cast(
                ceiling(100 * greatest(row_share, money_share)) / 100
                as decimal(3, 2)
            ) as string)
        ) end) as accepting
        {%- for place in [1, 2, 3] %},
        max(case when place = {{ place }} then concat(
            cast(row_count as string), ' ', check_name, case
                when example <> ''
                    then concat(' (for example ''', example, ''')')
                else ''
            end
        ) end) as cause_{{ place }}
        {%- endfor %}
    from ranked
    group by table_name

),

told as (

    select
        of_tables.*,
        coalesce(greatest(dropped.row_share, dropped.money_share), 0)
            as dropped_share,
        concat(
            'Only ', cast(of_tables.rows_kept as string), ' of ',
            cast(of_tables.rows_read as string), ' rows of ',
            of_tables.table_name, ' were kept',
            case
                when of_tables.money_read > 0 then concat(
                    ', with ', cast(cast(floor(
                        100 * of_tables.money_kept / of_tables.money_read
                    ) as bigint) as string),
                    ' % of the money that could be read'
                )
                else ''
            end,
            '; dropped are ', concat_ws(
                ', ', dropped.cause_1, dropped.cause_2, dropped.cause_3
            )
        ) as sentence,
        concat(
            dropped.remedy, 'end the source, or accept it with --vars ',
            '''{accepted_drops: {', dropped.accepting, '}}''.'
        ) as remedy
    from of_tables
    left join dropped on of_tables.table_name = dropped.table_name

),

credit as (

    select
        sum(case when check_name = 'credit note' then money end) as amount,
        sum(case
            when check_name = 'credit beyond what was bought' then money
        end) as beyond
    from {{ ref('data_quality') }}
    where table_name = 'shop_order_items'

),

odd as (

    select
        checks.table_name,
        checks.check_name,
        of_tables.rows_read,
        concat(
            cast(checks.rows as string), ' of ',
            cast(of_tables.rows_read as string), ' rows of ',
            checks.table_name, ': ', checks.check_name,
            case
                when checks.example <> ''
                    then concat(' (for example ''', checks.example, ''')')
                else ''
            end,
            case checks.check_name
                when 'unknown status' then concat(
                    '. It counts as kept and paid; say what it means with ',
                    '--vars ''{statuses: {', lower(checks.example),
                    ': returned}}'', cancelled or kept.'
                )
                when 'order without items' then concat(
                    '. Check that orders and items are of one shop and time.'
                )
                when 'price finer than a cent' then concat(
                    '. Amounts are rounded to cents: give the price of more ',
                    'pieces, or a smaller unit of money.'
                )
                else concat(
                    '. It is ', checks.action, ': correct the column, which ',
                    'is read in part only.'
                )
            end
        ) as warning
    from checks
    inner join of_tables on checks.table_name = of_tables.table_name
    where
        checks.rows > {{ warn }} * of_tables.rows_read
        and (
            checks.check_name in ('unknown status', 'price finer than a cent')
            or checks.check_name like 'unreadable value in %'
            and checks.action = 'set to missing'
            or checks.check_name = 'order without items'
            and checks.rows > 0.5e0 * of_tables.rows_read
        )

)

select
    table_name,
    'dropped' as finding,
    rows_read,
    rows_kept,
    money_read,
    money_kept,
    dropped_share,
    case
        when dropped_share > {{ stop }} then concat(
            sentence, '. Nothing is published: ', remedy
        )
    end as error,
    case
        when dropped_share > {{ warn }} and dropped_share <= {{ stop }}
            then concat(sentence, ': ', remedy)
    end as warning
from told
union all
select
    table_name,
    check_name as finding,
    rows_read,
    null as rows_kept,
    null as money_read,
    null as money_kept,
    null as dropped_share,
    null as error,
    warning
from odd
union all
select
    'order_items' as table_name,
    'credit notes' as finding,
    null as rows_read,
    null as rows_kept,
    null as money_read,
    null as money_kept,
    null as dropped_share,
    null as error,
    concat(
        'Credit notes of ',
        cast(beyond as string), ' of ', cast(amount as string),
        ' are more than their customers bought in these data: nobody spent ',
        'less than 0, so that much is taken off nothing. Bring the orders ',
        'that they are about, if you can.'
    ) as warning
from credit
where beyond > {{ warn }} * amount
union all
select
    'orders' as table_name,
    'earlier day' as finding,
    null as rows_read,
    null as rows_kept,
    null as money_read,
    null as money_kept,
    null as dropped_share,
    null as error,
    concat(
        'This build is of ', cast(as_of.as_of_date as string), ', before ',
        cast(remembered.newest_date as string), ', the newest day remembered: ',
        'the history of segments stands still until a build of a later day. ',
        'If that day was wrong, forget what it left with --vars ',
        '''{forget_models: [customer, product]}''.'
    ) as warning
from remembered
inner join {{ ref('as_of') }} as as_of
    on remembered.newest_date > as_of.as_of_date
where not {{ segmentation.setting('new_shop') }}
