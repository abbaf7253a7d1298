{#-
    Why the key of a table does not tell its rows apart, an expression: one
    sentence, or null where it does or where nobody asks. The shop's own tables
    have tests for that, which stop the build.
-#}
{% macro key_objection(s) %}
{%- set key = [s.key] if s.key is string else s.key -%}
{%- set named = ('Columns ' if key | length > 1 else 'Column ')
    ~ key | join(', ') ~ ' of ' ~ s.table -%}
{%- if s.is_shop and s.is_shop and s.on_failure == 'stop' or s.duplicates == 'keep' -%}
cast(null as string)
{%- else -%}
(
    select case
        when count(*) = 0
            then '{{ s.table }} is empty, so there is nothing to segment. '
                'Fill it and build again.'
        when count(*) > count(joined_key) then concat(
            '{{ named }} has no value in ',
            cast(count(*) - count(joined_key) as string), ' of ',
            cast(count(*) as string), ' rows, but it is the key. Leave those '
            'rows out of {{ s.table }}, or choose another key.'
        )
        {%- if not s.duplicates %}
        when count(*) > count(distinct joined_key) then concat(
            '{{ named }} is the key, but has only ',
            cast(count(distinct joined_key) as string),
            ' different values in ', cast(count(*) as string),
            ' rows. Choose another key, or say what becomes of duplicates: '
            'first, aggregate or keep.'
        )
        {%- endif %}
    end
    from (
        select case when
            {%- for column in key %}
            {{ adapter.quote(column) }} is not null
            {{- ' and' if not loop.last }}
            {%- endfor %}
            then {{ segmentation.joined_key(key) }} end as joined_key
        from {{ ref(s.table) }}
    ) as keys
)
{%- endif -%}
{% endmacro %}
