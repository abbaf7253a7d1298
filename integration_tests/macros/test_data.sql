{% macro test_data(path) -%}
{{ env_var('SEGMENTATION_TEST_DATA', '../../shared/data') }}/{{ path }}
{%- endmacro %}
