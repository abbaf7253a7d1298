-- noqa: disable=LT02
{{ config(materialized='table') }}

{#- Tables for all segmentations: [table, key, does it hold all versions]. #}
{%- set shared = [
    [ref('segments'), 'segment_id', false],
    [ref('segment_names'), 'segment_id', true],
    [ref('segment_profiles'), 'segment_id, feature', false],
    [ref('segment_rules'), 'segment_id', false],
    [ref('segment_suggestions'), 'segment_id', false],
    [ref('cluster_report'), 'segment_id, feature, rank', false],
    [ref('segment_stability'), 'segment_id', true],
    [ref('segment_pairs'), 'segment_id, other_segment_id', true],
    [ref('segmentation_quality'), 'model_version', false],
    [ref('k_candidates'), 'k', true],
    [ref('centroids'), 'segment_id, component', true],
    [ref('scaling'), 'position, level', true],
    [ref('loadings'), 'component, position', true],
    [ref('segment_models'), 'model_version', false],
    [ref('segment_drift'), 'measure, feature', false],
    [ref('segment_sizes'), 'as_of_date, segment_id', false],
    [ref('segment_migrations'),
        'as_of_date, from_segment_id, to_segment_id, cause', false],
    [ref('segment_matches'), 'model_version, new_id, old_id, kind', false],
    [ref('segment_agreement'), 'unit_id, other_version', false],
    [ref('exclusions'), 'unit_id', false],
    [ref('k_alternatives'), 'unit_id, k', true],
    [ref('k_alternative_flows'), 'from_k, from_segment, to_segment', true],
    [ref('algorithm_comparison'), 'algorithm', true],
    [ref('segment_map'), 'unit_id', true],
    [ref('feature_importance'), 'feature', true],
    [ref('feature_correlations'), 'feature_a, feature_b, measure', true],
] %}

{#- Tables of the shop's customers, [table, key], and of their typical baskets,
    of which only the version that serves is published. #}
{%- set of_customers, of_baskets, histories = [], [], {} %}
{%- if segmentation.has_segmentation('customer') %}
    {%- do shared.extend([
        [ref('segment_predictive_value'), 'predictor, measure', true],
        [ref('predictive_value_by_group'), 'predictor, group_name', true],
    ]) %}
    {%- do histories.update({'customer': ref('customer_segment_history')}) %}
    {%- do of_customers.extend([
        [ref('customer_rfm'), 'customer_id'],
        [ref('customer_rfm_by_segment'), 'segment_id, rfm_cell'],
        [ref('segment_retention'),
            'segment_id, first_order_month, window_days'],
        [ref('customer_baskets'), 'customer_id'],
        [ref('data_quality'), 'table_name, check_name'],
        [ref('customer_value_forecast'), 'customer_id'],
        [ref('segment_value_forecast'), 'segment_id'],
        [ref('forecast_parameters'), 'parameter'],
        [ref('campaign_results'), 'campaign, measure'],
    ]) %}
    {%- do of_baskets.extend([
        [ref('basket_components'), 'component, category'],
        [ref('basket_candidates'), 'components'],
        [ref('basket_pairs'), 'category_a, category_b'],
    ]) %}
{%- endif %}
{%- if segmentation.has_segmentation('product') %}
    {%- do histories.update({'product': ref('product_segment_history')}) %}
{%- endif %}

with tables as (

    {% for table, key, is_versioned in shared -%}
    select
        '{{ table.identifier }}' as table_name,
        'segmentation, {{ key }}' as row_key,
        cast(null as string) as segmentation,
        'select listed.* from {{ table }} as listed'
        ' inner join {{ ref('serving_models') }} as serving'
        ' on listed.segmentation = serving.segmentation'
        {%- if is_versioned %}
        ' and listed.model_version = serving.model_version'
        {%- endif %} as query
    union all
    {% endfor -%}
    {% for table, key in of_customers -%}
    select
        '{{ table.identifier }}' as table_name,
        '{{ key }}' as row_key,
        'customer' as segmentation,
        'select * from {{ table }}' as query
    union all
    {% endfor -%}
    {% for table, key in of_baskets -%}
    select
        '{{ table.identifier }}' as table_name,
        '{{ key }}' as row_key,
        'customer' as segmentation,
        'select * from {{ table }} where model_version ='
        ' (select model_version from {{ ref('basket_plan') }})' as query
    union all
    {% endfor -%}
    {#- Two segmentations may divide the rows of one table. #}
    {% set features = [] -%}
    {% for s in segmentation.segmentations() -%}
    {% if segmentation.features_table(s) not in features -%}
    {% do features.append(segmentation.features_table(s)) -%}
    select
        '{{ segmentation.features_table(s) }}' as table_name,
        '{{ s.key_column }}' as row_key,
        '{{ s.name }}' as segmentation,
        'select * from {{ segmentation.unit_rows(s) | replace("'", "''") }}'
        ' as units' as query
    union all
    {% endif -%}
    select
        '{{ s.segments }}' as table_name,
        '{{ s.key_column }}' as row_key,
        '{{ s.name }}' as segmentation,
        'select * from {{ ref(s.segments) }}' as query
    union all
    select
        '{{ s.name }}_segment_history' as table_name,
        '{{ s.key_column }}, valid_from' as row_key,
        '{{ s.name }}' as segmentation,
        {%- if s.name in histories %}
        'select * from {{ histories[s.name] }}' as query
        {%- else %}
        '{{ segmentation.segment_history(
            s.name,
            s.key_column,
            segmentation.key_type(s),
            ref('segment_changes'),
            ref('segment_names'),
        ) | replace("'", "''") }}' as query
        {%- endif %}
    union all
    {% endfor -%}
    select
        '{{ ref('segmentations').identifier }}' as table_name,
        'segmentation' as row_key,
        cast(null as string) as segmentation,
        'select * from {{ ref('segmentations') }}' as query

)

select * from tables
