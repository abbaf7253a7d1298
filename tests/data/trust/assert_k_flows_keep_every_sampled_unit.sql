-- The flows from one number of segments to the next add up to the units
-- sampled, under both: everyone goes somewhere, and only once.
with alternatives as (

    select
        segmentation,
        model_version,
        k,
        count(*) as sampled
    from {{ ref('k_alternatives') }}
    group by segmentation, model_version, k

),

flows as (

    select
        segmentation,
        model_version,
        from_k,
        to_k,
        sum(units) as moved
    from {{ ref('k_alternative_flows') }}
    group by segmentation, model_version, from_k, to_k

)

select
    earlier.segmentation,
    earlier.model_version,
    earlier.k,
    earlier.sampled,
    flows.moved
from alternatives as earlier
inner join alternatives as later
    on
        earlier.segmentation = later.segmentation
        and earlier.model_version = later.model_version
        and earlier.k + 1 = later.k
left join flows
    on
        earlier.segmentation = flows.segmentation
        and earlier.model_version = flows.model_version
        and earlier.k = flows.from_k
where
    earlier.sampled is distinct from flows.moved
    or later.sampled <> earlier.sampled
