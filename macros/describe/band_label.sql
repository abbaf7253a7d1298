{#- The largest of 1, 2 or 5 times a power of ten not above a spread. -#}
{% macro band_width(spread) -%}
{%- set magnitude = 'ln(nullif(' ~ spread ~ ', 0)) / ln(10)' -%}
{%- set power = 'power(10, floor(round(' ~ magnitude ~ ', 9)))' -%}
{{ power }} * case
            when {{ spread }} >= 5 * {{ power }} then 5
            when {{ spread }} >= 2 * {{ power }} then 2
            else 1
        end
{%- endmacro %}


{#-
    The lower bound of a value's band, which is included; the greatest value
    belongs to the band it closes.
-#}
{% macro band_start(value, step, greatest) -%}
least(
                floor(round({{ value }} / {{ step }}, 9)),
                ceil(round({{ greatest }} / {{ step }}, 9)) - 1
            ) * {{ step }}
{%- endmacro %}


{#-
    "0–50" for 12.3 in a band from 0 on in steps of 50. A whole number in steps
    up to 1 is itself, and so is the 0 of a number that is not whole: no spend
    is not little spend.
-#}
{% macro band_label(value, start, step, is_whole) -%}
{%- set end = '(' ~ start ~ ' + ' ~ step ~ ')' -%}
{%- set least_step = 'least(1.0e-2, abs(' ~ value ~ '))' -%}
case
        when {{ value }} is null then '(missing)'
        {%- if is_whole %}
        when coalesce({{ step }}, 1) <= 1 then cast({{ value }} as string)
        {%- else %}
        when {{ value }} = 0 then '0'
        when {{ step }} is null
            then {{ segmentation.readable_number(value, least_step) }}
        {%- endif %}
        else concat(
            {{ segmentation.readable_number(start, step) }}, '–',
            {{ segmentation.readable_number(end, step) }}
        )
    end
{%- endmacro %}
