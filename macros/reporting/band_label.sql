{#- The largest of 1, 2 or 5 times a power of ten that is not above a spread. -#}
{% macro band_width(spread) -%}
{%- set power = 'power(10, floor(round(ln(nullif(' ~ spread ~ ', 0)) / ln(10), 9)))' -%}
{{ power }} * case
            when {{ spread }} >= 5 * {{ power }} then 5
            when {{ spread }} >= 2 * {{ power }} then 2
            else 1
        end
{%- endmacro %}


{#-
    "0–50" for 12.3 in steps of 50, lower bound included; the greatest value
    belongs to the band it closes. A whole number in steps up to 1 is itself,
    and so is the 0 of a number that is not whole: no spend is not little spend.
-#}
{% macro band_label(value, step, greatest, is_whole) -%}
{%- set band = 'floor(round(' ~ value ~ ' / ' ~ step ~ ', 9))' -%}
{%- set last_band = 'ceil(round(' ~ greatest ~ ' / ' ~ step ~ ', 9)) - 1' -%}
{%- set lower = 'least(' ~ band ~ ', ' ~ last_band ~ ') * ' ~ step -%}
case
        when {{ value }} is null then '(missing)'
        {%- if is_whole %}
        when coalesce({{ step }}, 1) <= 1 then cast({{ value }} as string)
        {%- else %}
        when {{ value }} = 0 then '0'
        when {{ step }} is null then {{ segmentation.readable_number(value, '1.0e-2') }}
        {%- endif %}
        else concat(
            {{ segmentation.readable_number(lower, step) }}, '–',
            {{ segmentation.readable_number(lower ~ ' + ' ~ step, step) }}
        )
    end
{%- endmacro %}


{#- A number with as many decimals as its step needs. -#}
{% macro readable_number(value, step) -%}
case
            when {{ step }} >= 1 then cast(cast(round({{ value }}) as bigint) as string)
            when {{ step }} >= 0.01 then cast(cast({{ value }} as decimal(18, 2)) as string)
            else cast(cast({{ value }} as decimal(18, 6)) as string)
        end
{%- endmacro %}
