-- noqa: disable=LT02
-- Names, e-mails and addresses are text, so a text column is published only if
-- it is on this list, which the var `publishable_columns` extends; coordinates,
-- post codes and telephone numbers are refused by their names.
-- The columns are read from the contracts, which dbt enforces.
-- depends_on: {{ ref('unit_segments') }}
{% set allowed = [
    'action', 'aims_at', 'algorithm', 'automatic_name', 'brand', 'campaign',
    'category', 'category_a', 'category_b', 'cause', 'check_name',
    'component_name', 'country', 'data_fingerprint', 'department',
    'description', 'effect_scale', 'feature', 'feature_a', 'feature_b',
    'features_table', 'from_segment_name', 'gender', 'group_name', 'grouping',
    'history_table', 'key_column', 'kind', 'level', 'library_versions',
    'meaning', 'measure', 'most_frequent_brand', 'most_frequent_category',
    'name_objection', 'note', 'other_segment_name', 'override_reason',
    'parameter', 'prediction', 'predictor', 'product_name', 'ratio_name',
    'reason', 'recipe', 'recipe_hash', 'recipe_name', 'rfm_cell', 'rfm_score',
    'rule', 'rule_json', 'rule_sql', 'segment_name', 'segmentation',
    'segments_table', 'sentence', 'serving_segment_name', 'shrink_by',
    'source_columns', 'status', 'success', 'suggestion', 'table_name',
    'to_segment_name', 'traffic_source', 'transform', 'unit', 'unit_id',
    'value', 'verdict',
] + var('publishable_columns', []) %}
{#- Whoever writes an entry chooses its key. #}
{% do allowed.extend(
    segmentation.segmentations() | map(attribute='key_column')
) %}
{#- Read to choose rows, or to be audited, or columns that an entry lists by
    name. #}
{% set not_published = [
    'serving_models', 'basket_plan', 'past_customer_features',
    'horizon_outcomes',
] %}
{% for s in segmentation.segmentations() if s.columns %}
    {% do not_published.append(s.table) %}
{% endfor %}
{% set personal = ['latitude', 'longitude', 'geom', 'postal', 'zip', 'phone'] %}
{% set refused = [] %}
{% if execute %}
    {% set publications = graph.nodes.values()
        | selectattr('name', 'equalto', 'public_tables') | first %}
    {% for parent in publications.depends_on.nodes %}
        {% set node = graph.nodes[parent] %}
        {% if node.config.contract.enforced %}
            {% for column in node.columns.values() %}
                {% set type = column.data_type | lower %}
                {% set is_text = type in ['string', 'varchar', 'text'] %}
                {% if (is_text and column.name not in allowed)
                    or personal | select('in', column.name) | list %}
                    {% do refused.append([node.name, column.name]) %}
                {% endif %}
            {% endfor %}
        {% elif node.name not in not_published %}
            {% do refused.append([node.name, '(it has no contract)']) %}
        {% endif %}
    {% endfor %}
{% endif %}
{% for table_name, column_name in refused -%}
select
    '{{ table_name }}' as table_name,
    '{{ column_name }}' as column_name
{{ 'union all' if not loop.last }}
{% else -%}
select
    cast(null as string) as table_name,
    cast(null as string) as column_name
where 1 = 0
{% endfor %}
