{% test has_structure(model, serving_models) %}
{#- The serving versions' segments are groups; if not, the verdict is shown. -#}
select judged.*
from {{ model }} as judged
inner join {{ serving_models }} as serving_models
    on
        judged.segmentation = serving_models.segmentation
        and judged.model_version = serving_models.model_version
where not judged.has_structure
{% endtest %}
