{#- A text or number as a bigint; 42.0 is 42. A value with a fraction, which a
    cast would round, is null. -#}
{% macro to_integer(column) -%}
    {%- set text = segmentation.clean_text(column) -%}
    {%- set number = "try_cast(" ~ text ~ " as decimal(28, 6))" -%}
case
        when lower(typeof({{ column }})) = 'bigint'
            then try_cast({{ column }} as bigint)
        when {{ number }} = floor({{ number }})
            then try_cast({{ number }} as bigint)
    end
{%- endmacro %}
