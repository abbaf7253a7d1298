{#-
    What this build does about the typical baskets: one row. They are fitted
    when there are none, when a setting of theirs changed, and with every new
    model of the segmentation whose rows they weigh, so that one policy decides
    when the data has moved. Versions are numbered from 1 and the newest serves;
    a build that failed after its fit is made up for under the same number.
-#}
{% macro basket_plan(entity, fitted) %}
{% set settings = tojson(segmentation.basket_settings(), sort_keys=true) %}
with fitted as (

    {{ segmentation.earlier(fitted, [
        ['model_version', 'bigint'], ['customer_model_version', 'bigint'],
        ['settings_hash', 'string'],
    ]) | indent(4) }}

),

plan as (

    select
        is_fit,
        model_version,
        '{{ local_md5(settings) }}' as settings_hash
    from {{ ref('int_' ~ entity ~ '_fit_plan') }}

),

newest as (

    select distinct
        model_version,
        customer_model_version,
        settings_hash
    from fitted
    qualify model_version = max(model_version) over ()

),

compared as (

    select
        plan.*,
        coalesce(newest.model_version, 0) as newest_version,
        coalesce(newest.settings_hash = plan.settings_hash, false)
            as has_same_settings,
        coalesce(newest.customer_model_version = plan.model_version, false)
            as has_same_model
    from plan
    left join newest on 1 = 1

)

select
    is_fit or not has_same_settings as is_fit,
    cast(
        case
            when not has_same_settings then newest_version + 1
            when is_fit and not has_same_model then newest_version + 1
            else newest_version
        end as bigint
    ) as model_version,
    cast(model_version as bigint) as customer_model_version,
    settings_hash,
    '{{ settings | replace("'", "''") }}' as settings
from compared
{% endmacro %}
