{{ config(post_hook="{{ refuse_rejected_lines('inventory_items') }}") }}

{{ raw_table('inventory_items') }}
