{% macro refuse_as_of_before_orders() %}
    {%- set orders = ref('int_orders_counted') -%}
    {%- if execute -%}
        {%- if not run_query("select 1 from " ~ orders ~ " limit 1").rows -%}
            {{ exceptions.raise_compiler_error(
                "No customer can be segmented: the setting as_of is '"
                ~ segmentation.setting('as_of') ~ "' and every order in shop_orders is"
                ~ " younger; set a later day, or leave it out to count up to"
                ~ " the newest order."
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
