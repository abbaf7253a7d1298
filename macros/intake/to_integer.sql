{% macro to_integer(column) -%}
    {%- set number = "try_cast(" ~ segmentation.clean_text(column) ~ " as decimal(28, 6))" -%}
case
        when lower(typeof({{ column }})) = 'bigint'
            then try_cast({{ column }} as bigint)
        when {{ number }} = floor({{ number }})
            then try_cast({{ number }} as bigint)
    end
{%- endmacro %}
