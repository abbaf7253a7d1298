{% test has_structure(model, serving_model) %}
{#- The serving version's segments are groups; if not, its verdict is shown. -#}
select judged.*
from {{ model }} as judged
inner join {{ serving_model }} as serving_model
    on judged.model_version = serving_model.model_version
where not judged.has_structure
{% endtest %}
