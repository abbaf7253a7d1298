{#-
    A number, or null where it is NaN or infinite: NaN is above every number in
    DuckDB and in Spark, so one comparison finds both.
-#}
{% macro finite_number(column) -%}
case when abs(cast({{ column }} as double)) <= 1.0e300 then {{ column }} end
{%- endmacro %}
