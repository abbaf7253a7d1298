{#-
    Pre-hook of a log, so after the audits: what is about another shop goes, and
    what is about a segmentation that the var forget_models names. (`true` is a
    full refresh, which forgets everything.)
-#}
{% macro forget_past(continuity) %}
{% if is_incremental() %}
{% set of_shop = segmentation.segmentations()
    | selectattr('is_shop') | map(attribute='name') | list %}
{% set named = var('forget_models', false) %}
{% set named = named if named is not string and named is iterable else [] %}
delete from {{ this }}
where
    (
        segmentation in ('{{ of_shop | join("', '") }}')
        and exists (select 1 from {{ continuity }} where not is_same_shop)
    )
    or segmentation in ('{{ named | join("', '") }}')
{% endif %}
{% endmacro %}
