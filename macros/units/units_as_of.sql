{#-
    The date the units are of, an expression: the shop's as-of date; for any
    other table the var `<segmentation>_as_of`, else the newest date in a column
    of it, else 1970-01-01. A table without a date is thus always of the same
    day: building again replaces its segments, and a history begins once the var
    says what day it is. Never the clock.
-#}
{% macro units_as_of(s, shop_as_of) %}
{%- if s.is_shop -%}
(select as_of_date from {{ shop_as_of }})
{%- elif s.as_of -%}
cast('{{ s.as_of }}' as date)
{%- elif s.date_column -%}
coalesce(
    cast((
        select max({{ adapter.quote(s.date_column) }})
        from {{ ref(s.table) }}
    ) as date),
    cast('1970-01-01' as date)
)
{%- else -%}
cast('1970-01-01' as date)
{%- endif -%}
{% endmacro %}
