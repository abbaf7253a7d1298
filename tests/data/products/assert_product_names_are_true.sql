-- Direction: no segment is called high in something that it is below average
-- in, nor low in what it is above average in. A warning and no error, because
-- a name stays with its segment for life while the data move on.
{{ config(severity="warn") }}
{% set recipe = resolved_recipe(segmentation_entry('product')) %}
with

profiles as (

    select * from {{ ref('product_segment_profiles') }}

),

names as (

    select * from {{ ref('product_segment_names') }}

),

serving_model as (

    select * from {{ ref('int_product_serving_model') }}

),

phrases as (

    {% for feature in recipe['features'] %}
        select
            '{{ feature.name }}' as feature,
            lower('{{ feature.low | replace("'", "''") }}') as low,
            lower('{{ feature.high | replace("'", "''") }}') as high
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    profiles.segment_id,
    names.automatic_name,
    profiles.feature,
    profiles.mean,
    profiles.population_mean
from profiles
inner join phrases on profiles.feature = phrases.feature
inner join serving_model on 1 = 1
inner join names
    on
        serving_model.model_version = names.model_version
        and profiles.segment_id = names.segment_id
where
    (
        concat(' · ', lower(names.automatic_name), ' · ')
        like concat('% · ', phrases.high, ' · %')
        and profiles.mean <= profiles.population_mean
    )
    or (
        concat(' · ', lower(names.automatic_name), ' · ')
        like concat('% · ', phrases.low, ' · %')
        and profiles.mean >= profiles.population_mean
    )
