{{ config(post_hook="{{ refuse_rejected_lines('orders') }}") }}

{{ raw_table('orders') }}
