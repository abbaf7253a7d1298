with events as (

    select * from {{ ref('earlier_events') }}

),

activated as (

    select * from events
    where event = 'activated'
    qualify row_number() over (
        partition by segmentation order by event_number desc
    ) = 1

)

select
    activated.segmentation,
    activated.model_version,
    activated.recipe_name,
    activated.recipe_hash,
    fitted.as_of_date as fitted_as_of
from activated
left join events as fitted
    on activated.segmentation = fitted.segmentation
    and activated.model_version = fitted.model_version
    and fitted.event = 'fitted'
