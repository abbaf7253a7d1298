{#- The 95 % quantile of the index when nothing has changed. -#}
{% macro chance_psi(degrees, sampling) -%}
{{ degrees }} * power(
        1 - 2 / (9.0e0 * {{ degrees }})
        + 1.6449 * sqrt(2 / (9.0e0 * {{ degrees }})),
        3
    ) * {{ sampling }}
{%- endmacro %}
