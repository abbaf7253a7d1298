-- Every version has exactly one selected k, or number of baskets.
with selections as (

    select
        segmentation as choice,
        model_version,
        count_if(is_selected) as selected
    from {{ ref('k_candidates') }}
    group by segmentation, model_version
    {% if segmentation.has_segmentation('customer') %}
        union all
        select
            'baskets' as choice,
            model_version,
            count_if(is_selected) as selected
        from {{ ref('basket_candidates') }}
        group by model_version
    {% endif %}

)

select * from selections
where selected <> 1
