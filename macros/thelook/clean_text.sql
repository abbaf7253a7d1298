{#- A trimmed text, or null where it is empty or says null or nan in any case.
    "NA" stays: it may be Namibia or North America. -#}
{% macro clean_text(column) -%}
    {%- set trimmed = "trim(cast(" ~ column ~ " as string))" -%}
case
        when lower({{ trimmed }}) not in ('', 'null', 'nan') then {{ trimmed }}
    end
{%- endmacro %}
