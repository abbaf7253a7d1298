{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
) }}
{% set settings = tojson(segmentation.basket_settings(), sort_keys=true) %}
with fitted as (

    {{ segmentation.earlier(
        source('segmentation_state', 'fit_basket_components'),
        [
            ['model_version', 'bigint'],
            ['customer_model_version', 'bigint'],
            ['settings_hash', 'string'],
        ],
        of='customer',
    ) | indent(4) }}

),

customer_plan as (

    select
        is_fit,
        model_version,
        '{{ local_md5(settings) }}' as settings_hash
    from {{ ref('fit_plan') }}
    where segmentation = 'customer'

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
        customer_plan.*,
        coalesce(newest.model_version, 0) as newest_version,
        coalesce(newest.settings_hash = customer_plan.settings_hash, false)
            as has_same_settings,
        coalesce(
            newest.customer_model_version = customer_plan.model_version, false
        ) as has_same_model
    from customer_plan
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
