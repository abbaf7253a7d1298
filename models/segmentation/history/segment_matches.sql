with model_log as (

    select * from {{ ref('model_log') }}

),

fits as (

    select
        segmentation,
        model_version,
        recipe_name,
        event_number
    from model_log
    where event = 'fitted'

),

matches as (

    select fit_segments.*
    from {{ ref('fit_segments') }} as fit_segments
    inner join fits
        on
            fit_segments.segmentation = fits.segmentation
            and fit_segments.model_version = fits.model_version

),

predecessors as (

    select
        fits.segmentation,
        fits.model_version,
        fits.recipe_name,
        activations.model_version as earlier_version,
        activations.recipe_name as earlier_recipe_name
    from fits
    inner join model_log as activations
        on
            fits.segmentation = activations.segmentation
            and fits.event_number > activations.event_number
            and activations.event = 'activated'
    qualify row_number() over (
        partition by fits.segmentation, fits.model_version
        order by activations.event_number desc
    ) = 1

),

-- An id of the model before that no fitted unit holds any more has no row in
-- the fitted table; it is retired too.
abandoned as (

    select
        predecessors.segmentation,
        predecessors.model_version,
        living.new_id as old_id
    from predecessors
    inner join matches as living
        on
            predecessors.segmentation = living.segmentation
            and predecessors.earlier_version = living.model_version
            and living.kind in ('kept', 'split', 'new')
    left join matches
        on
            predecessors.segmentation = matches.segmentation
            and predecessors.model_version = matches.model_version
            and living.new_id = matches.old_id
    where
        predecessors.recipe_name = predecessors.earlier_recipe_name
        and matches.old_id is null

)

select
    segmentation,
    model_version,
    old_id,
    cluster,
    new_id,
    overlap,
    shared_rows,
    kind
from matches
union all
select
    segmentation,
    model_version,
    old_id,
    null as cluster,
    null as new_id,
    0.0e0 as overlap,
    0 as shared_rows,
    'retired' as kind
from abandoned
