{#-
    The fit plan as the expensive extras see it. With the var `extras` set to
    false nothing is fitted: they stay as they are, empty in a warehouse that
    never had them, and cost nothing. With true they are made for what is just
    fitted, and made good for a version that lacks any of them. `extras` lists
    the tables they were written to by earlier builds, as sources.
-#}
{% macro extras_plan(entity, extras) %}
with plan as (

    select * from {{ ref('int_' ~ entity ~ '_fit_plan') }}

),

{% for extra in extras -%}
extra_{{ loop.index }} as (

    {{ segmentation.earlier(extra, [['model_version', 'bigint']]) | indent(4) }}

),

{% endfor -%}
made as (

    {% for extra in extras -%}
    select distinct
        {{ loop.index }} as extra,
        model_version
    from extra_{{ loop.index }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

whole as (

    select model_version
    from made
    group by model_version
    having count(*) = {{ extras | length }}

)

select
    {{ segmentation.setting('extras') }}
    and (plan.is_fit or whole.model_version is null) as is_fit,
    plan.is_matched,
    plan.model_version,
    plan.recipe,
    plan.match_floor,
    plan.rows_available
from plan
left join whole on plan.model_version = whole.model_version
{% endmacro %}
