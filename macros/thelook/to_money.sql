{#- A text or number as a decimal(18, scale); null where it is infinite, too
    large or no number. Text is read as the CTE `formats` of the model says of
    its column. -#}
{% macro to_money(column, scale=2) -%}
    {%- set money = "decimal(18, " ~ scale ~ ")" -%}
    {%- set text = segmentation.clean_text(column) -%}
    {%- set format = "(select value_format from formats where column_name = '"
        ~ column ~ "')" -%}
case
        when lower(typeof({{ column }})) not in ('varchar', 'string')
            then try_cast({{ column }} as {{ money }})
        when coalesce({{ format }}, '') = '1.234,56'
            then try_cast(
                {{ segmentation.number_text(text, true) }} as {{ money }}
            )
        else coalesce(
            try_cast({{ text }} as {{ money }}),
            try_cast({{ segmentation.number_text(text, false) }} as {{ money }})
        )
    end
{%- endmacro %}
