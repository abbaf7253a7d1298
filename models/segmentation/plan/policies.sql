-- noqa: disable=LT02
{% for s in segmentation.segmentations() %}
    {%- set recipe = segmentation.resolved_recipe(s) -%}
    {%- set policy = segmentation.segmentation_policy(s.name) -%}
    {%- set recipe_json = tojson(recipe, sort_keys=true) -%}
    {%- set columns = tojson(segmentation.feature_columns(s)) %}
select
    '{{ s.name }}' as segmentation,
    '{{ s.unit }}' as unit,
    '{{ s.on_failure }}' as on_failure,
    {{ s.is_shop }} as is_shop,
    {{ s.explore }} as explore,
    '{{ columns | replace("'", "''") }}' as feature_columns,
    '{{ recipe['name'] | replace("'", "''") }}' as recipe_name,
    '{{ recipe_json | replace("'", "''") }}' as recipe,
    '{{ local_md5(recipe_json) }}' as recipe_hash,
    '{{ policy['refit'] }}' as refit,
    cast({{ policy['max_model_age_days'] }} as bigint) as max_model_age_days,
    cast({{ policy['model_version'] or 'null' }} as bigint) as pinned_version,
    cast({{ policy['match_floor'] }} as double) as match_floor,
    cast({{ policy['switch_margin'] }} as double) as switch_margin,
    cast({{ policy['drift_warn'] }} as double) as drift_warn,
    cast({{ policy['drift_refit'] }} as double) as drift_refit,
    cast({{ policy['minimum_active_share'] }} as double)
        as minimum_active_share,
    cast({{ policy['maximum_separation_loss'] }} as double)
        as maximum_separation_loss
{{ 'union all' if not loop.last }}
{%- endfor %}
