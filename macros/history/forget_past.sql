{#-
    Pre-hook of a log, so after the audits: what is about another shop goes, and
    what is about a segmentation that the var forget_models names. (`true` is a
    full refresh, which forgets everything.) A copy of it stays beside the log,
    in a table named by the time of the build, which no build reads. With the
    plan given, the newest date of a segmentation goes too where it is the
    plan's: building it again replaces what it recorded.
-#}
{% macro forget_past(continuity=none, plan=none) %}
{% set of_shop = segmentation.segmentations()
    | selectattr('is_shop') | map(attribute='name') | list %}
{% set named = segmentation.setting('forget_models') %}
{% set forgotten %}
    {%- if named is true -%} 1 = 1
    {%- else -%} segmentation in ('{{ (named or []) | join("', '") }}')
    {%- if continuity %}
    or (
        segmentation in ('{{ of_shop | join("', '") }}')
        and exists (
            select 1 from {{ continuity }}
            where not is_same_shop
        )
    )
    {%- endif %}
    {%- endif %}
{% endset %}
{% if execute and load_relation(this) is not none %}
    {% set of_log = " from " ~ this ~ " where " ~ forgotten %}
    {% if run_query("select count(*)" ~ of_log).rows[0][0] > 0 %}
        {% do run_query("create table " ~ this.incorporate(path={
            'identifier': this.identifier ~ "_forgotten_"
                ~ run_started_at.strftime('%Y%m%d_%H%M%S')
        }) ~ " as select *" ~ of_log) %}
    {% endif %}
{% endif %}
{% if is_incremental() %}
delete from {{ this }}
where
    {{ forgotten }}
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
