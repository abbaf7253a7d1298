-- noqa: disable=ST03
with serving_models as (

    select * from {{ ref('serving_models') }}

),

scaling as (

    select * from {{ ref('scaling') }}

),

needed as (

    select
        scaling.segmentation,
        list(scaling.feature order by scaling.feature) as features
    from scaling
    inner join serving_models
        on
            scaling.segmentation = serving_models.segmentation
            and scaling.model_version = serving_models.model_version
    where scaling.fill_value is null
    group by scaling.segmentation

),

excluded as (

    {% for s in segmentation.segmentations() %}
        {% if s.population and s.population != s.table %}
            select
                '{{ s.name }}' as segmentation,
                cast(population.{{ s.key_column }} as string) as unit_id,
                '{{ s.absent | replace("'", "''") }}' as reason
            from {{ ref(s.population) }} as population
            left join {{ segmentation.unit_rows(s) }} as units
                on population.{{ s.key_column }} = units.{{ s.key_column }}
            where units.{{ s.key_column }} is null
            union all
        {% endif %}
        {% if s.kind == 'rules' %}
            select
                '{{ s.name }}' as segmentation,
                cast(units.{{ s.key_column }} as string) as unit_id,
                'no rule takes it' as reason
            from {{ segmentation.unit_rows(s) }} as units
            left join {{ ref('rule_assignments') }} as taken
                on
                    taken.segmentation = '{{ s.name }}'
                    and cast(units.{{ s.key_column }} as string) = taken.unit_id
            where taken.unit_id is null
        {% else %}
        select
            '{{ s.name }}' as segmentation,
            cast(units.{{ s.key_column }} as string) as unit_id,
            concat('no value for ', concat_ws(
                ', ',
                {% for feature in segmentation.feature_columns(s) %}
                    {% set value = 'units.' ~ feature.name %}
                    case
                        when
                            {{ segmentation.is_missing(value, feature.kind) }}
                            and array_contains(
                                needed.features, '{{ feature.name }}'
                            )
                            then '{{ feature.name }}'
                    end{{ ',' if not loop.last }}
                {% endfor %}
            )) as reason
        from {{ segmentation.unit_rows(s) }} as units
        inner join needed on needed.segmentation = '{{ s.name }}'
        {% endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select excluded.*
from excluded
inner join serving_models
    on excluded.segmentation = serving_models.segmentation
where excluded.reason <> 'no value for '
