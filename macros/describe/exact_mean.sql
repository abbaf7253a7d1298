{#- The mean of values between -1 and 1, exact whatever the order of rows. -#}
{% macro exact_mean(value) -%}
round(
            cast(sum(cast({{ value }} as decimal(18, 15))) as double)
            / nullif(count({{ value }}), 0),
            12
        )
{%- endmacro %}
