{{ config(enabled=segmentation.has_segmentation('customer')) }}

{#- The rules ask for traits that customers have: only their segments fit. -#}
{% set features = [
    'total_spend', 'total_orders', 'average_order_value', 'return_rate',
    'cancellation_rate', 'days_since_last_order', 'days_since_first_order',
] %}
{% set least = 0.3 %}
with segment_profiles as (

    select * from {{ ref('segment_profiles') }}
    where segmentation = 'customer'

),

suggestion_rules as (

    select * from {{ ref('suggestion_rules') }}

),

traits as (

    select
        segmentation,
        segment_id,
        segment_name,
        feature,
        case
            when effect_size >= {{ least }} then 'high'
            when effect_size <= -{{ least }} then 'low'
        end as trait
    from segment_profiles

),

segments as (

    select
        segmentation,
        segment_id,
        segment_name,
        {% for feature in features %}
            max(case when feature = '{{ feature }}' then trait end)
                as {{ feature }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from traits
    group by segmentation, segment_id, segment_name

),

fitting_rules as (

    select
        segments.segmentation,
        segments.segment_id,
        segments.segment_name,
        rules.kind,
        rules.suggestion,
        row_number() over (
            partition by segments.segmentation, segments.segment_id
            order by rules.position
        ) as rule_rank
    from segments
    cross join suggestion_rules as rules
    where
        true
        {% for feature in features %}
            and coalesce(rules.{{ feature }}, '')
            in ('', segments.{{ feature }})
        {% endfor %}

)

select
    segmentation,
    segment_id,
    segment_name,
    kind,
    suggestion
from fitting_rules
where rule_rank = 1
