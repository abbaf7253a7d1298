{#-
    The published tables: a list of {name, key, segmentation, is_versioned}.
    A versioned table holds rows of every model version, and only those of its
    segmentation's serving version are published. Named here and not in the
    Python model because a Python model cannot leave out a ref: with
    `products: false` there is nothing to refer to.
-#}
{% macro public_tables() %}
    {% set tables = segmentation.segmentation_tables('customer') %}
    {% do tables.extend([
        segmentation.public_table('customer_segment_migrations', [
            'as_of_date', 'from_segment_id', 'to_segment_id', 'cause',
        ]),
        segmentation.public_table('customer_segment_agreement', [
            'customer_id', 'other_version',
        ]),
        segmentation.public_table('customer_segment_summary', ['segment_id']),
        segmentation.public_table('customer_segment_suggestions', ['segment_id']),
        segmentation.public_table('segment_sizes_over_time', ['as_of_date', 'segment_id']),
        segmentation.public_table('segment_matches', [
            'model_version', 'new_id', 'old_id', 'kind',
        ]),
        segmentation.public_table('segment_drift', ['measure', 'feature']),
        segmentation.public_table('customer_rfm', ['customer_id']),
        segmentation.public_table('customer_rfm_by_segment', ['segment_id', 'rfm_cell']),
        segmentation.public_table('segment_retention', [
            'segment_id', 'first_order_month', 'window_days',
        ]),
        segmentation.public_table('data_quality', ['table_name', 'check_name']),
        segmentation.public_table('customer_baskets', ['customer_id']),
        segmentation.public_table('basket_components', ['component', 'category'], 'basket', true),
        segmentation.public_table('basket_candidates', ['components'], 'basket', true),
        segmentation.public_table('customer_k_alternatives', ['customer_id', 'k'], is_versioned=true),
        segmentation.public_table('customer_k_alternative_flows', [
            'from_k', 'from_segment', 'to_segment',
        ], is_versioned=true),
        segmentation.public_table('customer_algorithm_comparison', ['algorithm'], is_versioned=true),
        segmentation.public_table('customer_map', ['customer_id'], is_versioned=true),
        segmentation.public_table('customer_feature_correlations', [
            'feature_a', 'feature_b', 'measure',
        ], is_versioned=true),
    ]) %}
    {% do tables.extend(segmentation.trust_tables('customer')) %}
    {% if var('products') %}
        {% do tables.extend(segmentation.segmentation_tables('product')) %}
        {% do tables.extend(segmentation.trust_tables('product')) %}
    {% endif %}
    {{ return(tables) }}
{% endmacro %}


{#- The tables that every segmentation has. -#}
{% macro segmentation_tables(entity) %}
    {% set key = [entity ~ '_id'] %}
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
        {% do tables.append(segmentation.public_table(
            entity ~ '_' ~ name, key, entity
        )) %}
    {% endfor %}
    {% for name, key in of_version.items() %}
        {% do tables.append(segmentation.public_table(
            entity ~ '_' ~ name, key, entity, is_versioned=true
        )) %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}


{#- What says how far a segmentation can be trusted. -#}
{% macro trust_tables(entity) %}
    {{ return([
        segmentation.public_table(
            entity ~ '_segmentation_quality', ['model_version'], entity
        ),
        segmentation.public_table(
            entity ~ '_segment_stability', ['segment_id'], entity, true
        ),
    ]) }}
{% endmacro %}


{% macro public_table(name, key, entity='customer', is_versioned=false) %}
    {{ return({
        'name': name,
        'key': key,
        'segmentation': entity,
        'is_versioned': is_versioned,
    }) }}
{% endmacro %}
