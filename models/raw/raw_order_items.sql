{{ config(post_hook="{{ refuse_rejected_lines('order_items') }}") }}

{{ raw_table('order_items') }}
