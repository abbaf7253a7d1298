{% macro quoted_path(path) -%}
    {%- set plain = modules.re.sub('([\\[*?])', '[\\1]', path) -%}
    {{ return("'" ~ plain | replace("'", "''") ~ "'") }}
{%- endmacro %}
