{#- An amount over a count, in whole cents; null where the count is 0. A half
    cent is exact in a double, so it rounds up on every engine. Dividing the
    decimal itself gives a double on DuckDB, where 20.01 / 2 falls just under
    10.005. -#}
{% macro divide_money(amount, count) %}
    cast(
        round(cast({{ amount }} * 100 as double) / nullif({{ count }}, 0)) / 100
        as decimal(18, 2)
    )
{%- endmacro %}
