{#-
    Which id continues which, for every registered version. An id of the model
    before that no fitted customer holds any more has no row in the fitted
    table; it is retired too.
-#}
{% macro segment_matches(entity) %}
with model_log as (

    select * from {{ ref(entity ~ '_model_log') }}

),

fits as (

    select
        model_version,
        recipe_name,
        event_number
    from model_log
    where event = 'fitted'

),

matches as (

    select matches.*
    from {{ ref('fit_' ~ entity ~ '_matches') }} as matches
    inner join fits on matches.model_version = fits.model_version

),

predecessors as (

    select
        fits.model_version,
        fits.recipe_name,
        activations.model_version as earlier_version,
        activations.recipe_name as earlier_recipe_name
    from fits
    inner join model_log as activations
        on fits.event_number > activations.event_number
        and activations.event = 'activated'
    qualify row_number() over (
        partition by fits.model_version
        order by activations.event_number desc
    ) = 1

),

abandoned as (

    select
        predecessors.model_version,
        living.new_id as old_id
    from predecessors
    inner join matches as living
        on predecessors.earlier_version = living.model_version
        and living.kind in ('kept', 'split', 'new')
    left join matches
        on predecessors.model_version = matches.model_version
        and living.new_id = matches.old_id
    where
        predecessors.recipe_name = predecessors.earlier_recipe_name
        and matches.old_id is null

)

select
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
    model_version,
    old_id,
    null as cluster,
    null as new_id,
    0.0e0 as overlap,
    0 as shared_rows,
    'retired' as kind
from abandoned
{% endmacro %}
