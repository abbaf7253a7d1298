-- Names, e-mails and addresses are text, so every text column that is published
-- must be on this list; coordinates and the like are refused by their names.
-- The columns are read from the contracts, which dbt enforces.
-- depends_on: {{ ref('customer_segments') }}
{% set allowed = [
    'action', 'automatic_name', 'cause', 'check_name', 'country',
    'data_fingerprint', 'feature', 'gender', 'kind', 'level',
    'library_versions', 'measure', 'most_frequent_brand',
    'most_frequent_category', 'other_segment_name', 'override_reason',
    'reason', 'recipe', 'recipe_hash', 'recipe_name', 'segment_name',
    'serving_segment_name', 'status', 'table_name', 'traffic_source',
    'transform', 'value',
] %}
{% set personal = [
    'name', 'email', 'phone', 'street', 'address', 'postal', 'zip', 'city',
    'latitude', 'longitude', 'geom', 'birth',
] %}
{% set plain_names = [
    'segment_name', 'automatic_name', 'recipe_name', 'table_name', 'check_name',
    'other_segment_name', 'serving_segment_name',
] %}
{% set found = [] %}
{% if execute %}
    {% set publications = graph.nodes.values()
        | selectattr('name', 'equalto', 'publications') | first %}
    {% for parent in publications.depends_on.nodes
        if not graph.nodes[parent].name.startswith('int_') %}
        {% set node = graph.nodes[parent] %}
        {% if not node.config.contract.enforced %}
            {% do found.append([node.name, '(no contract)']) %}
        {% endif %}
        {% for column in node.columns.values() %}
            {% set ns = namespace(is_personal=false) %}
            {% for word in personal if word in column.name %}
                {% set ns.is_personal = column.name not in plain_names %}
            {% endfor %}
            {% set is_text = (column.data_type or 'string') | lower
                in ['string', 'varchar', 'text'] %}
            {% if ns.is_personal or (is_text and column.name not in allowed) %}
                {% do found.append([node.name, column.name]) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endif %}
{% for table_name, column_name in found -%}
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
