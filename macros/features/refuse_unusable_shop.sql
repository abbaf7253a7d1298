{% macro refuse_unusable_shop(orders, order_items, orders_counted) -%}
    {%- if execute -%}
        {%- for relation in [orders, order_items]
            if not run_query("select 1 from " ~ relation ~ " limit 1").rows -%}
            {{ exceptions.raise_compiler_error(
                "No customer can be segmented: " ~ relation.identifier
                ~ " has no rows, so nobody bought anything; see the table "
                ~ "data_quality for the rows that were dropped, and why."
            ) }}
        {%- endfor -%}
        {%- if not run_query(
            "select 1 from " ~ orders_counted ~ " limit 1"
        ).rows -%}
            {{ exceptions.raise_compiler_error(
                "No customer can be segmented: the setting as_of is '"
                ~ segmentation.setting('as_of') ~ "' and every order in"
                ~ " shop_orders is younger; set a later day, or leave it out to count up to"
                ~ " the newest order."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
