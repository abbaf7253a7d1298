{#-
    The log of a segmentation's models as earlier builds left it. Events of
    another shop keep their numbers, so that no version is given twice, and
    mean nothing any more.
-#}
{% macro earlier_events(log, continuity=none) %}
{% set columns = [
    ['event_number', 'bigint'], ['event', 'string'], ['model_version', 'bigint'],
    ['as_of_date', 'date'], ['recipe_name', 'string'], ['recipe', 'string'],
    ['recipe_hash', 'string'], ['data_fingerprint', 'string'],
    ['rows_fitted', 'bigint'],
] %}
{%- if continuity is none -%}
{{ segmentation.earlier(log, columns) }}
{%- else -%}
with events as (

    {{ segmentation.earlier(log, columns) | indent(4) }}

),

continuity as (

    select * from {{ continuity }}

)

select
    {%- for name, type in columns %}
    {% if name == 'event' -%}
    case when continuity.is_same_shop then events.event else 'forgotten' end
        as event
    {%- else -%}
    events.{{ name }}
    {%- endif %}{{ ',' if not loop.last }}
    {%- endfor %}
from events
cross join continuity
{%- endif -%}
{% endmacro %}
