{#- An amount; null where it is negative or above the setting. -#}
{% macro plausible_money(column) -%}
    case
        when {{ column }}
            between 0 and {{ segmentation.setting('max_sale_price') }}
            then {{ column }}
    end
{%- endmacro %}
