{{ config(post_hook="{{ refuse_rejected_lines('products') }}") }}

{{ raw_table('products') }}
