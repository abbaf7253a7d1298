-- noqa: disable=LT02
{% for s in segmentation.segmentations() %}
    {%- set recipe = segmentation.resolved_recipe(s) -%}
    {%- set recipe_json = tojson(recipe, sort_keys=true) -%}
    {%- set columns = tojson(segmentation.feature_columns(s)) %}
    {%- set text = "'" ~ recipe_json | replace("'", "''") ~ "'" %}
    {%- set hash = "'" ~ local_md5(recipe_json) ~ "'" %}
    {%- if s.kind == 'rules' %}
        {%- set text = "replace(" ~ text ~ ", '\"rules\": []', concat("
            ~ "'\"rules\": ', coalesce(" ~ s.name ~ "_rules.rules, '[]')))" %}
        {%- set hash = 'md5(' ~ text ~ ')' %}
    {%- endif %}
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
    {{ text }} as recipe,
    {{ hash }} as recipe_hash,
    '{{ segmentation.setting('refit', s.name) }}' as refit,
    {#- Rules do not age. #}
    cast({{ segmentation.setting('max_model_age_days', s.name)
        if s.kind != 'rules' else 'null' }} as bigint) as max_model_age_days,
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
{%- if s.kind == 'rules' %}
from (
    select cast(to_json(list(struct_pack(
        position := listed.position,
        segment_name := listed.segment_name,
        feature := listed.feature,
        operator := listed.operator,
        value := listed.value
    ) order by listed.place)) as string) as rules
    from (
        select
            *,
            row_number() over (
                order by position, feature, operator, value
            ) as place
        from {{ ref('rule_segments') }}
        where segmentation = '{{ s.name }}'
    ) as listed
) as {{ s.name }}_rules
{%- endif %}
{{ 'union all' if not loop.last }}
{%- endfor %}
