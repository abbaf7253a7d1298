{{ config(enabled=segmentation.has_segmentation('customer')) }}

select
    campaign,
    measure,
    segment_id,
    segment_name,
    kind,
    starts_on,
    horizon_days,
    measured_to,
    days,
    status,
    treated,
    controls,
    treated_mean,
    control_mean,
    difference,
    low,
    high,
    total,
    total_low,
    total_high,
    variance_saved,
    verdict,
    sentence
from {{ ref('measure_campaigns') }}
