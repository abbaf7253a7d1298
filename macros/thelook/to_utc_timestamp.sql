{#- A text or timestamp as a timestamp in UTC. An offset or a zone's name is
    applied; a text without one is UTC already. The CTE `formats` says how the
    column is written. -#}
{% macro to_utc_timestamp(column) -%}
    {#- DuckDB's cast to timestamp drops an offset without applying it, and its
        cast to timestamptz reads a text without one in the session's zone,
        and none with a space before the offset: each form goes to the cast
        that reads it right in any session. -#}
    {%- set text = segmentation.clean_text(column) -%}
    {%- set utc = "\\d{4}-\\d{1,2}-\\d{1,2}([ T][0-9:.]+)?( ?(UTC|Z))?" -%}
    {%- set year_first = "regexp_replace(regexp_replace(" ~ text ~ ", "
        ~ "'^(\\d{4})[/.](\\d{1,2})[/.](\\d{1,2})', '\\1-\\2-\\3'), "
        ~ "'^(\\d{1,2}[/.-]\\d{1,2}[/.-])(\\d{2})( |$)', '\\120\\2\\3')" -%}
    {%- set iso = "regexp_replace(" ~ year_first ~ ", "
        ~ "'^(\\d{1,2})[/.-](\\d{1,2})[/.-](\\d{4})', case (select value_format"
        ~ " from formats where column_name = '" ~ column ~ "') when 'd/m/y' "
        ~ "then '\\3-\\2-\\1' when 'm/d/y' then '\\3-\\1-\\2' "
        ~ "else '\\0' end)" -%}
case
        when typeof({{ column }}) in ('TIMESTAMP', 'DATE')
            then try_cast({{ column }} as timestamp)
        when regexp_full_match({{ text }}, '{{ utc }}')
            then try_cast({{ text }} as timestamp)
        when regexp_full_match({{ text }}, '\d{4}-.*')
            then try_cast(
                regexp_replace({{ text }}, ' +([+-]\d{2})', '\1') as timestamptz
            ) at time zone 'UTC'
        when regexp_full_match({{ iso }}, '{{ utc }}')
            then try_cast({{ iso }} as timestamp)
        when upper({{ iso }}) like '____-%M'
            then try_strptime(upper({{ iso }}), [
                '%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p',
                '%Y-%m-%d %I:%M%p', '%Y-%m-%d %I:%M:%S%p'
            ])
    end
{%- endmacro %}
