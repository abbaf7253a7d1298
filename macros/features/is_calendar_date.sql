{% macro is_calendar_date(text) %}
    {%- if not modules.re.match('^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$', text) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set year = text[:4] | int -%}
    {%- set month = text[5:7] | int -%}
    {%- set day = text[8:] | int -%}
    {%- if month < 1 or month > 12 -%}
        {{ return(false) }}
    {%- endif -%}
    {#- Day 0 of the next month: strptime would answer with a traceback. -#}
    {%- set next_month = modules.datetime.date(
        year + month // 12, month % 12 + 1, 1
    ) -%}
    {%- set last_day = (next_month - modules.datetime.timedelta(days=1)).day -%}
    {{ return(1 <= day <= last_day) }}
{% endmacro %}
