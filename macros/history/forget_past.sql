{#-
    Pre-hook of a log, so after the audits: what is about another shop goes, and
    what is about a segmentation that the var forget_models names. (`true` is a
    full refresh, which forgets everything.)
-#}
{% macro forget_past() %}
{% set continuity = ref('shop_continuity')
    if segmentation.has_segmentation('customer') %}
{% if is_incremental() %}
{% set of_shop = segmentation.segmentations()
    | selectattr('is_shop') | map(attribute='name') | list %}
{% set named = segmentation.setting('forget_models') %}
{% set named = [] if named is boolean else named %}
delete from {{ this }}
where
    segmentation in ('{{ named | join("', '") }}')
    {%- if continuity %}
    or (
        segmentation in ('{{ of_shop | join("', '") }}')
        and exists (select 1 from {{ continuity }} where not is_same_shop)
    )
    {%- endif %}
{% endif %}
{% endmacro %}
