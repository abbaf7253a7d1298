{% macro refuse_unusable_shop() -%}
    {%- set orders = ref('shop_orders') -%}
    {%- set order_items = ref('shop_order_items') -%}
    {%- if execute -%}
        {%- for relation in [orders, order_items] -%}
            {%- if not run_query("select 1 from " ~ relation ~ " limit 1").rows -%}
                {{ exceptions.raise_compiler_error(
                    "No customer can be segmented: " ~ relation.identifier
                    ~ " has no rows, so nobody bought anything; see the table "
                    ~ "data_quality for the rows that were dropped, and why."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
