{#- What `(1 255,5 €)` is to a machine, -1255.5; null where it is no number.
    Where commas stand for points, both are swapped first. -#}
{% macro number_text(text, has_comma) -%}
    {%- set bare = "regexp_replace(regexp_replace(" ~ text ~ ", "
        ~ "'^\\((.*)\\)$', '-\\1'), "
        ~ "'[\\s\\p{Sc}''’]|[A-Z]{2,3}\\$?|Rp|kr|zł', '', 'g')" -%}
    {%- set number = "translate(" ~ bare ~ ", '.,', ',.')" if has_comma
        else bare -%}
case
        when regexp_full_match(
            {{ number }},
            '[+-]?(\d*|[1-9]\d{0,2}(,\d{2,3})*,\d{3})(\.\d*)?'
        )
            then nullif(replace({{ number }}, ',', ''), '')
    end
{%- endmacro %}
