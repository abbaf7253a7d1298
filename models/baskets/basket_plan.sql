{{ config(
    enabled=segmentation.has_segmentation('customer'),
    materialized='table',
    post_hook="{{ segmentation.say('error') }}",
) }}
{% set wanted = segmentation.setting('basket_components') %}
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

shares as (

    select
        customer_id,
        category,
        count(*) over (partition by customer_id) as categories_mixed
    from {{ ref('customer_basket_shares') }}
    where {{ wanted is not none }}

),

offered as (

    select
        count(distinct category) as categories,
        count(distinct case when categories_mixed > 1 then customer_id end)
            as customers
    from shares

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
        offered.*,
        least(
            offered.categories,
            offered.customers,
            {{ segmentation.setting('basket_max_categories') }}
        ) as most,
        coalesce(newest.model_version, 0) as newest_version,
        coalesce(newest.settings_hash = customer_plan.settings_hash, false)
            as has_same_settings,
        coalesce(
            newest.customer_model_version = customer_plan.model_version, false
        ) as has_same_model
    from customer_plan
    cross join offered
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
    '{{ settings | replace("'", "''") }}' as settings,
    case when {{ wanted or 0 }} > most then concat(
        'Setting basket_components is {{ wanted }}, but this data allows at ',
        'most ', cast(most as string), ': there are ',
        cast(categories as string), ' categories, and ',
        cast(customers as string), ' customers who bought of more than one. ',
        'Lower it, or leave it out.'
    ) end as error
from compared
