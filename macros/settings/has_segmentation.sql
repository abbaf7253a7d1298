{#- Whether a segmentation takes part: a model of one that does not is off. -#}
{% macro has_segmentation(name) %}
    {{ return(name in segmentation.segmentations()
        | map(attribute='name') | list) }}
{% endmacro %}


{#- Whether any segmentation is of the shop: a project may have tables only. -#}
{% macro has_shop() %}
    {{ return(segmentation.segmentations()
        | selectattr('is_shop') | list | length > 0) }}
{% endmacro %}
