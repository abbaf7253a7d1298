{#-
    Pre-hook of the changes: building the newest date of a segmentation again
    replaces what it recorded.
-#}
{% macro forget_newest_date(plan) %}
{% if is_incremental() %}
delete from {{ this }}
where (segmentation, as_of_date) in (
    select
        plan.segmentation,
        plan.as_of_date
    from {{ plan }} as plan
    inner join (
        select
            segmentation,
            max(as_of_date) as as_of_date
        from {{ this }}
        group by segmentation
    ) as newest
        on
            plan.segmentation = newest.segmentation
            and plan.as_of_date = newest.as_of_date
)
{% endif %}
{% endmacro %}
