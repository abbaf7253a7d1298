{#-
    Who changed segment at the date of this build's data, against the state
    before that date: joiners, leavers, and movers with the cause. A move is
    due to behaviour if the model that served before would have made it too,
    else to the refit. A date earlier than the newest one recorded adds nothing.
-#}
{% macro segment_changes(entity, key, changes, as_of) %}
with segments as (

    select * from {{ ref(entity ~ '_segments') }}

),

previous_segments as (

    select * from {{ ref('int_' ~ entity ~ '_previous_segments') }}

),

serving_model as (

    select * from {{ ref('int_' ~ entity ~ '_serving_model') }}

),

served_before as (

    select model_version from {{ ref('int_' ~ entity ~ '_served_before') }}

),

under_earlier_model as (

    select assignments.*
    from {{ ref('int_' ~ entity ~ '_assignments') }} as assignments
    inner join served_before
        on assignments.model_version = served_before.model_version

),

as_of as (

    select as_of_date from {{ as_of }}

),

recorded as (

    select max(as_of_date) as newest_date
    from (
        {{ segmentation.earlier(changes, [['as_of_date', 'date']]) | indent(8) }}
    ) as earlier_changes

),

earlier_segments as (

    select
        {{ key }},
        earlier_segment_id
    from previous_segments
    where earlier_segment_id is not null

),

compared as (

    select
        coalesce(segments.{{ key }}, earlier_segments.{{ key }}) as {{ key }},
        earlier_segments.earlier_segment_id,
        segments.segment_id
    from segments
    full outer join earlier_segments
        on segments.{{ key }} = earlier_segments.{{ key }}

)

select
    compared.{{ key }},
    as_of.as_of_date,
    compared.earlier_segment_id,
    compared.segment_id,
    case
        when compared.earlier_segment_id is null then 'joined'
        when compared.segment_id is null then 'left'
        when under_earlier_model.segment_id = compared.segment_id
            then 'behaviour'
        else 'refit'
    end as cause,
    serving_model.model_version
from compared
cross join as_of
cross join serving_model
cross join recorded
left join under_earlier_model
    on compared.{{ key }} = under_earlier_model.{{ key }}
where
    compared.segment_id is distinct from compared.earlier_segment_id
    and as_of.as_of_date
    >= coalesce(recorded.newest_date, as_of.as_of_date)
{% endmacro %}


{#- Pre-hook: building the newest date again replaces what it recorded. -#}
{% macro forget_as_of(as_of) %}
{% if is_incremental() %}
delete from {{ this }}
where
    as_of_date = (select as_of_date from {{ as_of }})
    and as_of_date = (select max(as_of_date) from {{ this }})
{% endif %}
{% endmacro %}
