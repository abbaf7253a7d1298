-- noqa: disable=LT02
{{ config(
    materialized='table',
    post_hook=[
        "{{ segmentation.say('error') }}",
        "{{ segmentation.say('warning') }}",
    ],
) }}
{#- Nothing is fitted to what is left of a shop that was mostly dropped. #}
{% if not execute and segmentation.has_shop() %}
    {% set judged = ref('dropped_rows') %}
{% endif %}

with
{%- for s in segmentation.segmentations() %}
    {%- set recipe = segmentation.resolved_recipe(s) %}
    {%- set features = recipe['features'] %}
    {%- set recipe_name = recipe['name'] | replace("'", "''") %}
    {%- set is_fitted = s.kind != 'rules' %}
    {%- set least = recipe['k'] or [recipe['k_min'], 2] | max + 1
        if is_fitted else 1 %}
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
            {%- if not feature.shrink_by %}
            and (
                not columns.varies_{{ loop.index }} or not {{
                    segmentation.is_missing(
                        'units.' ~ feature.name, feature.kind
                    )
                }}
            )
            {%- endif %}
            {%- endfor %}
        {%- endif %}
        limit {{ least }}

    ),

    {#- Keys of the shop's own tables have tests, which stop the build. #}
    {{ s.name }}_keys as (

        {% if s.duplicates == 'keep' or s.is_shop and s.on_failure == 'stop' -%}
        select
            1 as key_rows,
            1 as keyed_rows,
            1 as different_keys
        {%- else -%}
        {{ segmentation.key_counts(
            ref(s.table), [s.key] if s.key is string else s.key
        ) | indent(8) }}
        {%- endif %}

    ),

    {{ s.name }}_counted as (

        select
            '{{ s.name }}' as segmentation,
            '{{ s.table }}' as table_name,
            '{{ s.unit }}' as unit,
            '{{ s.on_failure }}' as on_failure,
            '{{ recipe_name }}' as recipe_name,
            {% if s.is_shop -%}
            (select shop.as_of_date from {{ ref('as_of') }} as shop)
            {%- elif s.date_column and not s.as_of -%}
            coalesce(cast((
                select max({{ adapter.quote(s.date_column) }})
                from {{ ref(s.table) }}
            ) as date), cast('1970-01-01' as date))
            {%- else -%}
            cast('{{ s.as_of or '1970-01-01' }}' as date)
            {%- endif %} as as_of_date,
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
            {{ 0 if is_fitted else 1 }}
            {%- for feature in features %}
            + case when columns.varies_{{ loop.index }} then 1 else 0 end
            {%- endfor %} as varying_features,
            (select count(*) from {{ s.name }}_fittable) as fittable_rows,
            cast({{ least }} as bigint) as rows_needed,
            cast({{ segmentation.setting('stop_shrunk', s.name) }} as double)
                as stop_shrunk,
            cast({{ segmentation.setting('warn_shrunk', s.name) }} as double)
                as warn_shrunk,
            '{{ segmentation.setting('accept_shrunk', s.name) }}'
                as accept_shrunk,
            '{{ segmentation.setting_var(s.name, 'accept_shrunk') }}'
                as accept_setting,
            {{ recipe['k'] or 'null' }} as k,
            '{{ 'Column' if s.key is string else 'Columns' }} {{
                s.key if s.key is string else s.key | join(', ')
            }} of {{ s.table }}' as key_named,
            {{ not s.duplicates }} as is_key_unique,
            keys.*
        from {{ s.name }}_columns as columns
        cross join {{ s.name }}_keys as keys

    ),
{%- endfor %}

counted as (
{% for s in segmentation.segmentations() %}
    select * from {{ s.name }}_counted
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

-- What shrank most since the last publication.
shrunk as (

    select
        segmentation,
        fall,
        concat(
            'The ', measure, ' fell by ', cast(round(100 * fall) as bigint),
            ' % since the last publication, from ',
            cast(round(published_amount) as bigint), ' to ',
            cast(round(amount) as bigint)
        ) as fallen
    from {{ ref('volumes') }}
    where fall > 0
    qualify row_number() over (
        partition by segmentation order by fall desc, measure asc
    ) = 1

),

compared as (

    select
        counted.*,
        shrunk.fallen,
        coalesce(shrunk.fall > counted.warn_shrunk, false) as is_smaller,
        coalesce(
            shrunk.fall > counted.stop_shrunk
            and counted.accept_shrunk <> cast(counted.as_of_date as string),
            false
        ) as is_shrunk
    from counted
    left join shrunk on counted.segmentation = shrunk.segmentation

),

explained as (

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
        end as need,
        concat(
            ''' is missing throughout or constant in ', table_name,
            ': it leaves the recipe ''', recipe_name, '''.'
        ) as constant_means
    from compared

),

judged as (

    select
        *,
        case
            when key_rows = 0 then concat(
                table_name, ' is empty, so there is nothing to segment. ',
                'Fill it and build again.'
            )
            when key_rows > keyed_rows then concat(
                key_named, ' has no value in ',
                cast(key_rows - keyed_rows as string), ' of ',
                cast(key_rows as string), ' rows, but it is the key. Leave ',
                'those rows out of ', table_name, ', or choose another key.'
            )
            when is_key_unique and key_rows > different_keys then concat(
                key_named, ' is the key, but has only ',
                cast(different_keys as string), ' different values in ',
                cast(key_rows as string), ' rows. Choose another key, or say ',
                'what becomes of duplicates: first, aggregate or keep.'
            )
            when rows_available < rows_needed then concat(
                table_name, ' has too few ', unit, ' (',
                cast(rows_available as string), '): ', need
            )
            when is_shrunk then concat(
                fallen, '. Bring the whole data; if they are right, let them ',
                'pass once with --vars ''{', accept_setting, ': ',
                cast(as_of_date as string), '}''.'
            )
            when infinite_features <> '' then concat(
                table_name, ' has NaN or infinity among the values of ',
                infinite_features,
                '. Make them missing (null), or leave them out.'
            )
            when varying_features = 0 then concat(
                'No feature of recipe ''', recipe_name, ''' varies in ',
                table_name, ': every one is missing throughout or constant. ',
                'Choose other features, or check the columns they come from.'
            )
            when fittable_rows < rows_needed then concat(
                table_name, ' has too few different ', unit, ' that recipe ''',
                recipe_name, ''' can use (', cast(fittable_rows as string),
                '): ', need
            )
        end as objection
    from explained

)

-- What cannot be fitted stops the build or, where the entry says `on_failure:
-- warn`, is left out of it. Constant features are named one a line.
select
    segmentation,
    as_of_date,
    rows_available,
    data_fingerprint,
    fittable_rows,
    constant_features,
    objection,
    case when on_failure = 'stop' then objection end as error,
    concat_ws(
        chr(10),
        case when is_smaller and objection is null then concat(fallen, '.') end,
        case
            when objection is not null then concat(
                'The segmentation ''', segmentation, ''' is left out of this ',
                'build: ', objection, ' What was last published of it stays, ',
                'and is marked stale.'
            )
            when constant_features <> '' then concat(
                'Feature ''', replace(
                    constant_features, ', ',
                    concat(constant_means, chr(10), 'Feature ''')
                ), constant_means
            )
        end
    ) as warning
from judged
