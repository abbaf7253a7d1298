{% macro clean_text(column) -%}
    {%- set trimmed = "trim(cast(" ~ column ~ " as string))" -%}
case
        when lower({{ trimmed }}) not in ('', 'null', 'nan') then {{ trimmed }}
    end
{%- endmacro %}
