{% test unique_combination(model, columns) %}
{#- Every combination of the columns stands in one row; nulls count as equal. -#}
select
    {{ columns | join(',\n    ') }},
    count(*) as rows_found
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
