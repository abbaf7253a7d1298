-- noqa: disable=LT02
{% for s in segmentation.segmentations() %}
    {%- set recipe = segmentation.resolved_recipe(s) -%}
    {%- set recipe_json = tojson(recipe, sort_keys=true) -%}
    {%- set columns = tojson(segmentation.feature_columns(s)) %}
select
    '{{ s.name }}' as segmentation,
    '{{ s.unit }}' as unit,
    '{{ s.table }}' as table_name,
    '{{ tojson(s.key_columns) | replace("'", "''") }}' as key_columns,
    '{{ s.on_failure }}' as on_failure,
    {{ s.is_shop }} as is_shop,
    {{ s.explore }} as explore,
    '{{ columns | replace("'", "''") }}' as feature_columns,
    '{{ recipe['name'] | replace("'", "''") }}' as recipe_name,
    '{{ recipe_json | replace("'", "''") }}' as recipe,
    '{{ local_md5(recipe_json) }}' as recipe_hash,
    '{{ segmentation.setting('refit', s.name) }}' as refit,
    cast({{ segmentation.setting('max_model_age_days', s.name) }} as bigint)
        as max_model_age_days,
    cast({{
        segmentation.setting('model_version', s.name) or 'null'
    }} as bigint) as pinned_version,
    {%- for setting in [
        'match_floor', 'switch_margin', 'drift_warn', 'drift_refit',
        'minimum_active_share', 'maximum_separation_loss',
    ] %}
    cast({{ segmentation.setting(setting, s.name) }} as double)
        as {{ setting }}{{ ',' if not loop.last }}
    {%- endfor %}
{{ 'union all' if not loop.last }}
{%- endfor %}
