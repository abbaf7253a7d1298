{#-
    The published tables: a list of {name, key, segmentation, is_versioned}.
    A versioned table holds rows of every model version, and only those of its
    segmentation's serving version are published. Named here and not in the
    Python model because a Python model cannot leave out a ref: with
    `products: false` there is nothing to refer to.
-#}
{% macro public_tables() %}
    {% set tables = segmentation_tables('customer') %}
    {% do tables.extend([
        public_table('customer_segment_migrations', [
            'as_of_date', 'from_segment_id', 'to_segment_id',
        ]),
        public_table('customer_segment_agreement', [
            'customer_id', 'other_version',
        ]),
        public_table('customer_segment_summary', ['segment_id']),
        public_table('customer_segment_suggestions', ['segment_id']),
        public_table('segment_sizes_over_time', ['as_of_date', 'segment_id']),
        public_table('segment_matches', ['model_version', 'new_id', 'old_id']),
        public_table('segment_drift', ['measure', 'feature']),
        public_table('customer_rfm', ['customer_id']),
        public_table('customer_rfm_by_segment', ['segment_id', 'rfm_cell']),
        public_table('segment_retention', [
            'segment_id', 'first_order_month', 'window_days',
        ]),
        public_table('data_quality', ['table_name', 'check_name']),
        public_table('customer_baskets', ['customer_id']),
        public_table('basket_components', ['component', 'category'], 'basket', true),
        public_table('basket_candidates', ['components'], 'basket', true),
        public_table('customer_k_alternatives', ['customer_id', 'k'], is_versioned=true),
        public_table('customer_k_alternative_flows', [
            'from_k', 'from_segment', 'to_segment',
        ], is_versioned=true),
        public_table('customer_algorithm_comparison', ['algorithm'], is_versioned=true),
        public_table('customer_map', ['customer_id'], is_versioned=true),
        public_table('customer_feature_correlations', [
            'feature_a', 'feature_b', 'measure',
        ], is_versioned=true),
    ]) %}
    {% do tables.extend(trust_tables('customer')) %}
    {% if var('products') %}
        {% do tables.extend(segmentation_tables('product')) %}
        {% do tables.extend(trust_tables('product')) %}
    {% endif %}
    {{ return(tables) }}
{% endmacro %}


{#- The tables that every segmentation has. -#}
{% macro segmentation_tables(segmentation) %}
    {% set key = [segmentation ~ '_id'] %}
    {% set whole = {
        'features': key,
        'segments': key,
        'exclusions': key,
        'cluster_report': ['segment_id', 'feature', 'rank'],
        'segment_profiles': ['segment_id', 'feature'],
        'segment_models': ['model_version'],
        'segment_history': key + ['valid_from'],
    } %}
    {% set of_version = {
        'components': key,
        'scaling': ['position', 'level'],
        'pca': ['component', 'position'],
        'k_candidates': ['k'],
        'centroids': ['segment_id', 'component'],
        'segment_names': ['segment_id'],
    } %}
    {% set tables = [] %}
    {% for name, key in whole.items() %}
        {% do tables.append(public_table(
            segmentation ~ '_' ~ name, key, segmentation
        )) %}
    {% endfor %}
    {% for name, key in of_version.items() %}
        {% do tables.append(public_table(
            segmentation ~ '_' ~ name, key, segmentation, is_versioned=true
        )) %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}


{#- What says how far a segmentation can be trusted. -#}
{% macro trust_tables(segmentation) %}
    {{ return([
        public_table(
            segmentation ~ '_segmentation_quality', ['model_version'], segmentation
        ),
        public_table(
            segmentation ~ '_segment_stability', ['segment_id'], segmentation, true
        ),
    ]) }}
{% endmacro %}


{% macro public_table(name, key, segmentation='customer', is_versioned=false) %}
    {{ return({
        'name': name,
        'key': key,
        'segmentation': segmentation,
        'is_versioned': is_versioned,
    }) }}
{% endmacro %}
