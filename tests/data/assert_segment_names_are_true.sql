-- Direction: no segment is called high in something that it is below average
-- in, nor low in what it is above average in. A warning and no error, because
-- a name stays with its segment for life while the data move on.
{{ config(severity="warn") }}
with segment_profiles as (

    select * from {{ ref('segment_profiles') }}

),

segment_names as (

    select * from {{ ref('segment_names') }}

),

serving_models as (

    select * from {{ ref('serving_models') }}

),

phrases as (

    {% for s in segmentation.segmentations() %}
        {% set outer_loop = loop %}
        {% for feature in segmentation.resolved_recipe(s)['features'] %}
            select
                '{{ s.name }}' as segmentation,
                '{{ feature.name }}' as feature,
                lower('{{ feature.low | replace("'", "''") }}') as low,
                lower('{{ feature.high | replace("'", "''") }}') as high
            {{ 'union all' if not (loop.last and outer_loop.last) }}
        {% endfor %}
    {% endfor %}

),

named as (

    select
        profiles.segmentation,
        profiles.segment_id,
        segment_names.automatic_name,
        profiles.feature,
        profiles.mean,
        profiles.population_mean,
        concat(' · ', lower(segment_names.automatic_name), ' · ') as words,
        concat('% · ', phrases.high, ' · %') as has_high,
        concat('% · ', phrases.low, ' · %') as has_low
    from segment_profiles as profiles
    inner join phrases
        on
            profiles.segmentation = phrases.segmentation
            and profiles.feature = phrases.feature
    inner join serving_models
        on profiles.segmentation = serving_models.segmentation
    inner join segment_names
        on
            serving_models.segmentation = segment_names.segmentation
            and serving_models.model_version = segment_names.model_version
            and profiles.segment_id = segment_names.segment_id

)

select
    segmentation,
    segment_id,
    automatic_name,
    feature,
    mean,
    population_mean
from named
where
    (words like has_high and mean <= population_mean)
    or (words like has_low and mean >= population_mean)
