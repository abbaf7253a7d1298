{#-
    The date a table is of, one row: the var `<segmentation>_as_of`, else the
    newest date in a column of it, else 1970-01-01. A table without a date is
    thus always of the same day: building again replaces its segments, and a
    history begins once the var says what day it is. Never the clock.
-#}
{% macro table_as_of(name, relation, date_column=none) %}
{%- set given = segmentation.setting('as_of', name) -%}
{%- if given -%}
select cast('{{ given }}' as date) as as_of_date
{%- elif date_column -%}
select
    coalesce(
        cast(max({{ adapter.quote(date_column) }}) as date),
        cast('1970-01-01' as date)
    ) as as_of_date
from {{ relation }}
{%- else -%}
select cast('1970-01-01' as date) as as_of_date
{%- endif -%}
{% endmacro %}
