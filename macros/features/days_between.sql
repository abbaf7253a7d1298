{#- Whole calendar days between two UTC times. -#}
{% macro days_between(start, end) %}
    cast(
        {{ dbt.datediff(
            'cast(' ~ start ~ ' as date)', 'cast(' ~ end ~ ' as date)', 'day'
        ) }} as bigint
    )
{%- endmacro %}
