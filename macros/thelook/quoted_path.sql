{#- A path as a literal that names one file, whatever its characters: DuckDB
    reads brackets, asterisks and question marks as patterns. -#}
{% macro quoted_path(path) -%}
    {%- set plain = modules.re.sub('([\\[*?])', '[\\1]', path) -%}
    {{ return("'" ~ plain | replace("'", "''") ~ "'") }}
{%- endmacro %}
