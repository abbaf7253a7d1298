-- One row per customer, with the country of the newest line that has one.
-- Fills shop_customers.
select
    customer_id,
    country
from {{ ref('${name}_checked') }}
where fate = 'kept'
qualify row_number() over (
    partition by customer_id
    order by country is null, ordered_at desc, country
) = 1
