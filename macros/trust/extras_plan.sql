{#-
    The fit plan as the expensive extras see it: with the var `extras` set to
    false it says that nothing is fitted, so they stay as they are, empty in a
    warehouse that never had them, and cost nothing.
-#}
{% macro extras_plan(entity) %}
select
    is_fit and {{ var('extras', true) | as_bool }} as is_fit,
    is_matched,
    model_version,
    recipe,
    match_floor,
    rows_available
from {{ ref('int_' ~ entity ~ '_fit_plan') }}
{% endmacro %}
