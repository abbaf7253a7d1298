select model_version from {{ ref('int_basket_plan') }}
