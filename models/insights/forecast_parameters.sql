{{ config(enabled=segmentation.has_segmentation('customer')) }}

select
    parameter,
    value,
    meaning
from {{ ref('fit_purchases') }}
where node is null
