{#-
    Pre-hook of a log, so after the audits: what is about another shop goes, and
    what is about a segmentation that the var forget_models names. (`true` is a
    full refresh, which forgets everything.) With the plan given, the newest
    date of a segmentation goes too where it is the plan's: building it again
    replaces what it recorded.
-#}
{% macro forget_past(continuity=none, plan=none) %}
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
        and exists (
            select 1 from {{ continuity }}
            where not is_same_shop
        )
    )
    {%- endif %}
    {%- if plan %}
    or (segmentation, as_of_date) in (
        select
            logged.segmentation,
            max(logged.as_of_date) as newest_date
        from {{ this }} as logged
        inner join {{ plan }} as plan
            on logged.segmentation = plan.segmentation
        group by logged.segmentation, plan.as_of_date
        having max(logged.as_of_date) = plan.as_of_date
    )
    {%- endif %}
{% endif %}
{% endmacro %}
