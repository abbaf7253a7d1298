{{ config(
    enabled=segmentation.has_segmentation('customer'),
    severity='warn',
) }}
-- Segments tell what comes next no worse than RFM cells do: by no measure is
-- the whole interval of the difference below 0.
select
    value.segmentation,
    value.measure,
    value.value,
    value.minus_rfm,
    value.minus_rfm_high
from {{ ref('segment_predictive_value') }} as value
inner join {{ ref('serving_models') }} as serving_models
    on
        value.segmentation = serving_models.segmentation
        and value.model_version = serving_models.model_version
where value.predictor = 'segments' and value.minus_rfm_high < 0
