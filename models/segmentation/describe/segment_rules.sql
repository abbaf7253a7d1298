with described as (

    select * from {{ ref('describe_segments') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

)

select
    described.segmentation,
    described.segment_id,
    segment_names.segment_name,
    described.rule,
    described.rule_sql,
    described.rule_json,
    described.branches,
    described.conditions,
    described.rule_precision,
    described.rule_recall,
    described.rule_share,
    described.fidelity,
    described.rows_measured,
    described.model_version
from described
inner join segment_names
    on
        described.segmentation = segment_names.segmentation
        and described.model_version = segment_names.model_version
        and described.segment_id = segment_names.segment_id
where described.rule is not null
