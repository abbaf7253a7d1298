{% macro as_of_setting() %}
    {%- set as_of = var('as_of', none) -%}
    {%- if as_of is none -%}
        {{ return('cast(null as date)') }}
    {%- endif -%}
    {#- YAML reads a bare 2023-06-30 as a date, a quoted one as text. -#}
    {%- set text = as_of | string -%}
    {%- set given = modules.re.match(
        '^([12][0-9]{3})-(0[1-9]|1[0-2])-([0-3][0-9])$', text
    ) -%}
    {%- if given -%}
        {%- set year, month, day = given.groups() | map('int') | list -%}
        {#- Day 0 of the next month: strptime would answer with a traceback. -#}
        {%- set next_month = modules.datetime.date(
            year + month // 12, month % 12 + 1, 1
        ) -%}
        {%- set last = next_month - modules.datetime.timedelta(days=1) -%}
        {%- if 1 <= day <= last.day -%}
            {{ return("cast('" ~ text ~ "' as date)") }}
        {%- endif -%}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "The setting as_of is '" ~ text ~ "', which is no day of the calendar:"
        ~ " write it as YYYY-MM-DD, for example --vars '{as_of: 2023-06-30}',"
        ~ " or leave it out to count up to the newest order."
    ) }}
{%- endmacro %}
