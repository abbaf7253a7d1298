{% macro to_money(column, scale=2) -%}
    {%- set money = "decimal(18, " ~ scale ~ ")" -%}
case
        when lower(typeof({{ column }})) in ('varchar', 'string')
            then try_cast({{ segmentation.clean_text(column) }} as {{ money }})
        else try_cast({{ column }} as {{ money }})
    end
{%- endmacro %}
