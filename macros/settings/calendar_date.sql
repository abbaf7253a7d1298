{#-
    A date in a setting as text, YYYY-MM-DD, or none; anything else is refused.
    YAML reads a bare 2023-06-30 as a date and a quoted one as text.
-#}
{% macro calendar_date(variable, value) %}
    {% set text = value | string %}
    {% set is_day = namespace(true=false) %}
    {% if value is none %}
        {{ return(none) }}
    {% elif modules.re.match('^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$', text) %}
        {% set year, month, day = text.split('-') | map('int') %}
        {% if 1 <= month <= 12 %}
            {#- Day 0 of the next month: strptime answers with a traceback. -#}
            {% set next_month = modules.datetime.date(
                year + month // 12, month % 12 + 1, 1
            ) %}
            {% set last = next_month - modules.datetime.timedelta(days=1) %}
            {% set is_day.true = 1 <= day <= last.day %}
        {% endif %}
    {% endif %}
    {% if not is_day.true %}
        {% do exceptions.raise_compiler_error(
            "The setting " ~ variable ~ " is '" ~ text ~ "', which is no day of"
            ~ " the calendar: write it as YYYY-MM-DD, for example --vars '{"
            ~ variable ~ ": 2023-06-30}', or leave it out."
        ) %}
    {% endif %}
    {{ return(text) }}
{% endmacro %}
