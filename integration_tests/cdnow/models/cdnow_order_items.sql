{%- set folder = env_var('SEGMENTATION_TEST_DATA', '../../../shared/data') %}

with lines_of_the_file as (
    select regexp_split_to_array(trim(line), ' +') as fields
    from read_csv(
        '{{ folder }}/cdnow/CDNOW_master.txt',
        columns = {'line': 'varchar'},
        delim = '\0',
        header = true
    )
),

purchases as (
    select
        fields[1] as customer,
        fields[2] as day,
        cast(fields[3] as decimal(18, 3)) as quantity,
        cast(fields[4] as decimal(18, 2)) as sale_price
    from lines_of_the_file
)

select
    customer || '-' || day as order_id,
    customer || '-' || day || '-' || row_number() over (
        partition by customer, day order by sale_price, quantity
    ) as order_item_id,
    cast(customer as bigint) as customer_id,
    strptime(day, '%Y%m%d') as ordered_at,
    quantity,
    sale_price
from purchases
