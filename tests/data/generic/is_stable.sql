{% test is_stable(model, minimum, serving_model) %}
{#- Every segment of the serving version has at least this mean Jaccard. -#}
select judged.*
from {{ model }} as judged
inner join {{ serving_model }} as serving_model
    on judged.model_version = serving_model.model_version
where judged.jaccard < {{ minimum }}
{% endtest %}
