with policies as (

    select * from {{ ref('policies') }}

),

{% for extra in ['alternatives', 'comparison', 'map', 'stability'] -%}
{{ extra }} as (

    {{ segmentation.earlier(source('segmentation_state', 'fit_' ~ extra), [
        ['segmentation', 'string'], ['model_version', 'bigint'],
    ]) | indent(4) }}

),

{% endfor -%}
made as (

    select distinct
        segmentation,
        model_version,
        'stability' as extra
    from stability
    {%- for extra in ['alternatives', 'comparison', 'map'] %}
    union all
    select distinct
        segmentation,
        model_version,
        '{{ extra }}' as extra
    from {{ extra }}
    {%- endfor %}

)

select
    made.segmentation,
    made.model_version
from made
inner join policies on made.segmentation = policies.segmentation
group by made.segmentation, made.model_version, policies.explore
having
    count(*) >= case when policies.explore then 4 else 1 end
