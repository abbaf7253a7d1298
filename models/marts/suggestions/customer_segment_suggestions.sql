{% set features = [
    'total_spend', 'total_orders', 'average_order_value', 'return_rate',
    'cancellation_rate', 'days_since_last_order', 'days_since_first_order',
] %}
{% set least = setting('suggestion_effect') %}
with profiles as (

    select * from {{ ref('customer_segment_profiles') }}

),

rules as (

    select * from {{ ref('segment_suggestions') }}

),

traits as (

    select
        segment_id,
        segment_name,
        feature,
        case
            when effect_size >= {{ least }} then 'high'
            when effect_size <= -{{ least }} then 'low'
        end as trait
    from profiles

),

segments as (

    select
        segment_id,
        segment_name,
        {% for feature in features %}
            max(case when feature = '{{ feature }}' then trait end)
                as {{ feature }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from traits
    group by segment_id, segment_name

),

fitting_rules as (

    select
        segments.segment_id,
        segments.segment_name,
        rules.kind,
        rules.suggestion,
        row_number() over (
            partition by segments.segment_id
            order by rules.position
        ) as rule_rank
    from segments
    cross join rules
    where
        true
        {% for feature in features %}
            and coalesce(rules.{{ feature }}, '')
            in ('', segments.{{ feature }})
        {% endfor %}

)

select
    segment_id,
    segment_name,
    kind,
    suggestion
from fitting_rules
where rule_rank = 1
