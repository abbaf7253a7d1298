{% macro as_of_setting() %}
    {%- set as_of = var('as_of', none) -%}
    {#- YAML reads a bare 2023-06-30 as a date, a quoted one as text. -#}
    {%- set text = as_of | string -%}
    {%- if as_of is none -%}
        cast(null as date)
    {%- elif segmentation.is_calendar_date(text) -%}
        cast('{{ text }}' as date)
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "The setting as_of is '" ~ text ~ "', which is no day of the"
            ~ " calendar: write it as YYYY-MM-DD, for example"
            ~ " --vars '{as_of: 2023-06-30}', or leave it out to count up to"
            ~ " the newest order."
        ) }}
    {%- endif -%}
{%- endmacro %}
