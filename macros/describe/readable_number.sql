{#-
    A number with as many decimals as its step needs; as 2.1e20 where it has
    more than 15 digits before the point, or its step more than 6 behind it.
-#}
{% macro readable_number(value, step) -%}
case
            when abs({{ value }}) >= 1.0e15 or {{ step }} < 1.0e-6
                then {{ segmentation.scientific_number(value) }}
            when {{ step }} >= 1
                then cast(cast(round({{ value }}) as bigint) as string)
            when {{ step }} >= 0.01
                then cast(cast({{ value }} as decimal(18, 2)) as string)
            else cast(cast({{ value }} as decimal(24, 6)) as string)
        end
{%- endmacro %}


{#- "2e20", "-3.25e-8", "0": at most 15 digits, as a double bears them. -#}
{% macro scientific_number(value) -%}
{%- set magnitude = 'ln(nullif(abs(' ~ value ~ '), 0)) / ln(10)' -%}
{%- set exponent = 'floor(round(' ~ magnitude ~ ', 9))' -%}
{%- set digits =
    'round(' ~ value ~ ' / power(10, ' ~ exponent ~ '), 14)' -%}
case
                    when {{ value }} = 0 then '0'
                    when {{ digits }} = round({{ digits }}) then concat(
                        cast(cast({{ digits }} as bigint) as string),
                        'e', cast(cast({{ exponent }} as bigint) as string)
                    )
                    else concat(
                        cast({{ digits }} as string),
                        'e', cast(cast({{ exponent }} as bigint) as string)
                    )
                end
{%- endmacro %}
