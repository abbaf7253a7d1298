-- The serving model's segments are groups; if not, the verdict is shown.
{{ config(severity="warn") }}

with quality as (

    select * from {{ ref('segmentation_quality') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

)

select
    quality.segmentation,
    quality.model_version,
    quality.verdict
from quality
inner join serving_models
    on
        quality.segmentation = serving_models.segmentation
        and quality.model_version = serving_models.model_version
where not quality.has_structure
