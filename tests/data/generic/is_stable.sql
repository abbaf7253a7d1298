{% test is_stable(model, minimum, serving_models) %}
{#- Every segment of a serving version has at least this mean Jaccard. -#}
select judged.*
from {{ model }} as judged
inner join {{ serving_models }} as serving_models
    on
        judged.segmentation = serving_models.segmentation
        and judged.model_version = serving_models.model_version
where judged.jaccard < {{ minimum }}
{% endtest %}
