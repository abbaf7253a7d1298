-- noqa: disable=LT02
-- Nobody, unless two versions are in play: one just refused or still waiting,
-- or one that served in the last build or on the last date.
{{ config(materialized='table') }}

with plan as (

    select * from {{ ref('fit_plan') }}

),

serving as (

    select
        segmentation,
        model_version
    from {{ ref('serving_models') }}

),

waiting as (

    select
        earlier_events.segmentation,
        max(earlier_events.model_version) as model_version
    from {{ ref('earlier_events') }} as earlier_events
    inner join plan
        on earlier_events.segmentation = plan.segmentation
        and earlier_events.model_version > plan.active_version
    where earlier_events.event = 'rejected' and not plan.is_fit
    group by earlier_events.segmentation

),

in_play as (

    select
        segmentation,
        model_version
    from plan
    union distinct
    select
        segmentation,
        active_version as model_version
    from plan
    union distinct
    select
        segmentation,
        served_before_version as model_version
    from plan
    union distinct
    select
        segmentation,
        model_version
    from waiting

),

others as (

    select
        in_play.segmentation,
        in_play.model_version
    from in_play
    inner join serving
        on in_play.segmentation = serving.segmentation
        and in_play.model_version <> serving.model_version

)

{#- Of rules only the current ones are applied. #}
{%- set fitted = segmentation.segmentations()
    | rejectattr('kind', 'equalto', 'rules') | list %}
{%- for s in fitted %},

{{ s.name }}_assignments as (

    {{ segmentation.assignments(
        s,
        segmentation.unit_rows(s),
        'others',
        ref('scaling'),
        ref('loadings'),
        ref('centroids'),
        ref('previous_segments'),
    ) | indent(4) }}

)
{%- endfor %}

{% for s in fitted -%}
select
    '{{ s.name }}' as segmentation,
    cast({{ s.key_column }} as string) as unit_id,
    model_version,
    segment_id
from {{ s.name }}_assignments
{{ 'union all' if not loop.last }}
{% else -%}
select
    segmentation,
    cast(null as string) as unit_id,
    model_version,
    cast(null as bigint) as segment_id
from others
where 1 = 0
{% endfor %}
