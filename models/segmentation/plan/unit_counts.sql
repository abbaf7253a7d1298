-- noqa: disable=LT02
{{ config(
    materialized='table',
    post_hook="{{ segmentation.say_objections() }}",
) }}

with
{%- for s in segmentation.segmentations() %}
    {%- set recipe = segmentation.resolved_recipe(s) %}
    {%- set features = recipe['features'] %}
    {%- set least = recipe['k'] or [recipe['k_min'], 2] | max + 1 %}
    {%- set units = segmentation.unit_rows(s) %}

    {{ s.name }}_columns as (

        select
            cast(count(*) as bigint) as rows_available,
            {{ segmentation.row_set_hash(
                segmentation.feature_columns(s) | map(attribute='name') | list
            ) | indent(12) }} as data_fingerprint
            {%- for feature in features %},
            coalesce(
                min(units.{{ feature.name }}) <> max(units.{{ feature.name }}),
                false
            ) as varies_{{ loop.index }}
            {%- endfor %}
            {%- for feature in features if feature.kind == 'number' %},
            count_if(abs(cast(units.{{ feature.name }} as double)) > 1.0e300)
                as infinite_{{ loop.index }}
            {%- endfor %}
        from {{ units }} as units

    ),

    {{ s.name }}_fittable as (

        select distinct
            {%- for feature in features %}
            units.{{ feature.name }}{{ ',' if not loop.last }}
            {%- else %} 1 as one
            {%- endfor %}
        from {{ units }} as units
        {%- if recipe['missing'] == 'drop' %}
        cross join {{ s.name }}_columns as columns
        where
            1 = 1
            {%- for feature in features %}
            and (
                not columns.varies_{{ loop.index }} or not {{
                    segmentation.is_missing(
                        'units.' ~ feature.name, feature.kind
                    )
                }}
            )
            {%- endfor %}
        {%- endif %}
        limit {{ least }}

    ),

    {{ s.name }}_counted as (

        select
            '{{ s.name }}' as segmentation,
            '{{ s.table }}' as table_name,
            '{{ s.unit }}' as unit,
            '{{ recipe['name'] | replace("'", "''") }}' as recipe_name,
            {{ segmentation.units_as_of(
                s, ref('as_of') if s.is_shop
            ) }} as as_of_date,
            columns.rows_available,
            columns.data_fingerprint,
            concat_ws(', ', cast(null as string)
            {%- for feature in features %},
                case when not columns.varies_{{ loop.index }}
                    then '{{ feature.name }}' end
            {%- endfor %}) as constant_features,
            concat_ws(', ', cast(null as string)
            {%- for feature in features if feature.kind == 'number' %},
                case when columns.infinite_{{ loop.index }} > 0
                    then '{{ feature.name }}' end
            {%- endfor %}) as infinite_features,
            0
            {%- for feature in features %}
            + case when columns.varies_{{ loop.index }} then 1 else 0 end
            {%- endfor %} as varying_features,
            (select count(*) from {{ s.name }}_fittable) as fittable_rows,
            cast({{ least }} as bigint) as rows_needed,
            {{ recipe['k'] or 'null' }} as k,
            {{ segmentation.key_objection(s) | indent(12) }} as key_objection
        from {{ s.name }}_columns as columns

    ),
{%- endfor %}

counted as (
{% for s in segmentation.segmentations() %}
    select * from {{ s.name }}_counted
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

judged as (

    select
        *,
        case
            when k is null then concat(
                'at least ', cast(rows_needed as string),
                ' are needed. Bring more data.'
            )
            else concat(
                'k is ', cast(k as string), '. Bring more data or lower k.'
            )
        end as need
    from counted

)

select
    segmentation,
    as_of_date,
    rows_available,
    data_fingerprint,
    fittable_rows,
    constant_features,
    case
        when key_objection is not null then key_objection
        when rows_available < rows_needed then concat(
            table_name, ' has too few ', unit, ' (',
            cast(rows_available as string), '): ', need
        )
        when infinite_features <> '' then concat(
            table_name, ' has NaN or infinity among the values of ',
            infinite_features, '. Make them missing (null), or leave them out.'
        )
        when varying_features = 0 then concat(
            'No feature of recipe ''', recipe_name, ''' varies in ', table_name,
            ': every one is missing throughout or constant. Choose other ',
            'features, or check the columns they come from.'
        )
        when fittable_rows < rows_needed then concat(
            table_name, ' has too few different ', unit, ' that recipe ''',
            recipe_name, ''' can use (', cast(fittable_rows as string), '): ',
            need
        )
    end as objection
from judged
