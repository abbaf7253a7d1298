{{ config(post_hook="{{ refuse_rejected_lines('users') }}") }}

{{ raw_table('users') }}
