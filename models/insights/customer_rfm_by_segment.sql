{{ config(enabled=segmentation.has_segmentation('customer')) }}

with customer_rfm as (

    select * from {{ ref('customer_rfm') }}

),

customer_segments as (

    select * from {{ ref('customer_segments') }}

),

rfm_cells as (

    select
        rfm_cell,
        min(rule_order) as rule_order
    from {{ ref('rfm_cells') }}
    group by rfm_cell

),

counts as (

    select
        customer_segments.segment_id,
        customer_rfm.rfm_cell,
        count(*) as customers
    from customer_segments
    inner join customer_rfm
        on customer_segments.customer_id = customer_rfm.customer_id
    group by customer_segments.segment_id, customer_rfm.rfm_cell

),

known_segments as (

    select distinct
        segment_id,
        segment_name
    from customer_segments

),

crossed as (

    select
        known_segments.segment_id,
        known_segments.segment_name,
        rfm_cells.rfm_cell,
        rfm_cells.rule_order,
        coalesce(counts.customers, 0) as customers,
        sum(counts.customers) over (
            partition by known_segments.segment_id
        ) as segment_size,
        coalesce(sum(counts.customers) over (
            partition by rfm_cells.rfm_cell
        ), 0) as cell_size
    from known_segments
    cross join rfm_cells
    left join counts
        on
            known_segments.segment_id = counts.segment_id
            and rfm_cells.rfm_cell = counts.rfm_cell

)

select
    segment_id,
    segment_name,
    rfm_cell,
    rule_order as cell_order,
    cast(customers as bigint) as customers,
    cast(customers as double) / segment_size as share_of_segment,
    {{ segmentation.wilson_bound('customers', 'segment_size', '-') }}
        as share_of_segment_low,
    {{ segmentation.wilson_bound('customers', 'segment_size', '+') }}
        as share_of_segment_high,
    cast(customers as double) / nullif(cell_size, 0) as share_of_cell,
    {{ segmentation.wilson_bound('customers', 'cell_size', '-') }}
        as share_of_cell_low,
    {{ segmentation.wilson_bound('customers', 'cell_size', '+') }}
        as share_of_cell_high
from crossed
