{#-
    The same rows as `trust_sample` has, and those that lack a value, with every
    feature: those that cluster and those that only describe.
-#}
{% macro described_sample(entity, key) %}
with sample as (

    select fit_sample.*
    from {{ ref('int_' ~ entity ~ '_fit_sample_features') }} as fit_sample
    inner join {{ ref('int_' ~ entity ~ '_fit_plan') }} as plan
        on fit_sample.sample_rank <= plan.rows_judged

)

select
    sample_rank,
    {{ key }}
    {%- for column in segmentation.feature_columns(segmentation.named_entry(entity)) %},
    {{ column.name }}
    {%- endfor %}
from sample
{% endmacro %}
