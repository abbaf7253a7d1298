{% macro to_utc_timestamp(column) -%}
    {{ return(adapter.dispatch('to_utc_timestamp', 'segmentation')(column)) }}
{%- endmacro %}

{% macro default__to_utc_timestamp(column) -%}
    try_cast({{ segmentation.clean_text(column) }} as timestamp)
{%- endmacro %}

{% macro duckdb__to_utc_timestamp(column) -%}
    {#- DuckDB's cast to timestamp drops an offset without applying it, and its
        cast to timestamptz reads a text without one in the session's zone,
        and none with a space before the offset: each form goes to the cast
        that reads it right in any session. -#}
    {%- set text = segmentation.clean_text(column) -%}
case
        when typeof({{ column }}) = 'TIMESTAMP'
            then try_cast({{ column }} as timestamp)
        when regexp_full_match(
            {{ text }},
            '\d{4}-\d{1,2}-\d{1,2}([ T][0-9:.]+)?( ?(UTC|Z))?'
        )
            then try_cast({{ text }} as timestamp)
        when regexp_full_match({{ text }}, '\d{4}-.*')
            then try_cast(
                regexp_replace({{ text }}, ' +([+-]\d{2})', '\1') as timestamptz
            ) at time zone 'UTC'
    end
{%- endmacro %}
