{{ config(materialized='table') }}

with named as (

    {{ segmentation.earlier(source('segmentation_state', 'fit_segments'), [
        ['segmentation', 'string'], ['model_version', 'bigint'],
        ['new_id', 'bigint'], ['segment_name', 'string'],
    ]) | indent(4) }}

),

-- Ids of rejected versions count as used.
fitted as (

    select
        segmentation,
        model_version
    from {{ ref('earlier_events') }}
    where event = 'fitted'

)

select
    named.segmentation,
    named.new_id as segment_id,
    named.segment_name
from named
inner join fitted
    on
        named.segmentation = fitted.segmentation
        and named.model_version = fitted.model_version
where named.segment_name is not null
qualify row_number() over (
    partition by named.segmentation, named.new_id
    order by named.model_version
) = 1
