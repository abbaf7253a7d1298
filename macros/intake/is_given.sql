{% macro is_given(column) -%}
    case
            when lower(typeof({{ column }})) in ('varchar', 'string')
                then {{ segmentation.clean_text(column) }} is not null
            else {{ column }} is not null
        end
{%- endmacro %}
