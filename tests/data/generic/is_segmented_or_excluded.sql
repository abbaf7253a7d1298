{% test is_segmented_or_excluded(model, column_name, segments, exclusions) %}
{#- Every row is in one of both tables, and in one only. -#}
with placed as (

    select {{ column_name }} from {{ segments }}
    union all
    select {{ column_name }} from {{ exclusions }}

)

select
    {{ column_name }},
    sum(in_features) as rows_found,
    sum(in_result) as rows_placed
from (
    select {{ column_name }}, 1 as in_features, 0 as in_result
    from {{ model }}
    union all
    select {{ column_name }}, 0 as in_features, 1 as in_result
    from placed
) as counted
group by {{ column_name }}
having sum(in_features) <> 1 or sum(in_result) <> 1
{% endtest %}
