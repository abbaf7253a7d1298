{#- The largest of 1, 2 or 5 times a power of ten that is not above a spread. -#}
{% macro band_width(spread) -%}
{%- set power = 'power(10, floor(round(ln(nullif(' ~ spread ~ ', 0)) / ln(10), 9)))' -%}
{{ power }} * case
            when {{ spread }} >= 5 * {{ power }} then 5
            when {{ spread }} >= 2 * {{ power }} then 2
            else 1
        end
{%- endmacro %}


{#- "0–50" for 12.3 in steps of 50; a whole number in steps up to 1 is itself. -#}
{% macro band_label(value, step, is_whole) -%}
{%- set lower = 'floor(round(' ~ value ~ ' / ' ~ step ~ ', 9)) * ' ~ step -%}
case
        when {{ value }} is null then '(missing)'
        {%- if is_whole %}
        when coalesce({{ step }}, 1) <= 1 then cast({{ value }} as string)
        {%- else %}
        when {{ step }} is null then {{ readable_number(value, '1.0e-2') }}
        {%- endif %}
        else concat(
            {{ readable_number(lower, step) }}, '–',
            {{ readable_number(lower ~ ' + ' ~ step, step) }}
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
