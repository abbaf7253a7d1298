-- 120 customers in three segments. Names are as nasty as a name can be; every
-- figure that a test asserts can be worked out by hand from what stands here.
create table customer_features as
select
    cast(id as bigint) as customer_id,
    cast(20 + id % 40 as bigint) as age,
    case when id % 3 = 0 then 'F</script>' else '(missing)' end as gender,
    cast(case when id <= 60 then 10 when id <= 100 then 30 else 200 end as decimal(18, 2))
        as total_spend,
    cast(case when id <= 100 then 1 else 8 end as bigint) as total_orders
from range(1, 121) as t(id);

create table segments_named as
select * from (values
    (1, '<script>alert(1)</script> & "quotes"'),
    (2, '%{x} $y$ <b>bold</b>'),
    (9, '</script><img src=x onerror=alert(2)>')
) as t(segment_id, segment_name);

create table customer_segments as
select
    customer_id,
    cast(case when customer_id <= 60 then 1 when customer_id <= 100 then 2 else 9 end as bigint)
        as segment_id,
    segment_name,
    0.5 as confidence,
    [
        segment_id + sin(customer_id) / 3,
        cos(segment_id) + cos(customer_id * 2) / 3,
        sin(customer_id * 3),
        0.0
    ] as components,
    cast(2 as bigint) as model_version
from customer_features
inner join segments_named
    on segments_named.segment_id
    = case when customer_id <= 60 then 1 when customer_id <= 100 then 2 else 9 end;

create table exclusions as
select 'customer' as segmentation, *
from (values ('500', 'no order'), ('501', 'no order'), ('502', '<i>left</i> out'))
    as t(unit_id, reason);

create table segment_models as
select * from (values
    ('customer', 1, 'retired', 'there was no model yet', date '2024-01-31', 'default', 90, 3, 0.4),
    ('customer', 2, 'active', 'the recipe changed', date '2024-02-29', 'default', 120, 3, 0.5),
    ('product', 1, 'active', 'first', date '2024-02-29', 'product', 10, 2, 0.3)
) as t(
    segmentation, model_version, status, reason, as_of_date, recipe_name, rows_fitted, k,
    silhouette
)
cross join (select '{}' as recipe);

create table segments as
select
    'customer' as segmentation, segment_id, segment_name,
    'spend about ' || min(total_spend) || '; <b>' as description,
    segment_id < 9 as name_is_true,
    if(segment_id = 9, '"<b>" is about 9 now', null) as name_objection,
    count(*) as units, count(*) / 120 as share, sum(total_spend) as revenue,
    cast(sum(total_spend) as double) / 5800 as revenue_share, 1.0 as mean_margin,
    cast(2 as bigint) as model_version
from customer_segments
inner join customer_features using (customer_id)
group by segment_id, segment_name;

create table segment_suggestions as
select
    'customer' as segmentation, segment_id, segment_name, 'Kind <' || segment_id || '>' as kind,
    'Do & try' as suggestion, 'Spend <' || segment_id || '>.' as aims_at, 'It did.' as success,
    cast(90 as bigint) as horizon_days, segment_id * 1000.0 as expected_value, 700.0 as value_at_risk,
    0.5 as probability_active
from segments_named;

create table campaign_results as
select
    campaign, measure, segment_id, segment_name, kind, date '2024-02-01' as starts_on,
    cast(30 as bigint) as horizon_days, date '2024-02-29' as measured_to, cast(days as bigint)
        as days, status, cast(40 as bigint) as treated, cast(10 as bigint) as controls,
    mean + difference as treated_mean, if(days = 0, null, mean) as control_mean, difference,
    difference - half as low, difference + half as high, 40 * difference as total,
    40 * (difference - half) as total_low, 40 * (difference + half) as total_high,
    0.2 as variance_saved, verdict, sentence
from (values
    ('thanks', 9, 29, 'running', 0.25, 0.2, 'more', '+25.0 points <b>'),
    ('a_list', null, 0, 'running', null, null, 'early', 'Too early to say.')
) as t(campaign, id, days, status, difference, half, verdict, sentence)
cross join (values ('buying', 0.5), ('orders', 0.75), ('spend', 20.5)) as m(measure, mean)
left join (select *, segment_id as id from segment_suggestions) using (id);

create table segment_rules as
select
    'customer' as segmentation, segment_id, segment_name, rule, rule_sql,
    '[[{"feature": "total_spend", "missing": "no"}]]' as rule_json, cast(1 as bigint) as branches,
    cast(1 as bigint) as conditions, 1.0 as rule_precision, 0.5 as rule_recall, 0.1 as rule_share,
    0.95 as fidelity, cast(120 as bigint) as rows_measured, cast(2 as bigint) as model_version
from segments_named
inner join (values
    (1, 'spend below <20>', '(total_spend < 20)'), (2, 'spend from 20 to 99', '(total_spend < 99)'),
    (9, 'spend at least 100', '(total_spend >= 100)')
) as t(segment_id, rule, rule_sql) using (segment_id);

create table segment_profiles as
select
    'customer' as segmentation, segment_id, segment_name, feature, mean, mean - 1 as mean_low,
    mean + 1 as mean_high, mean as median, 0.9 * population_mean as rest_mean, population_mean,
    null as ratio_name, null as ratio_of_sums, null as population_ratio_of_sums,
    20 as value_count, 100 as rest_count, mean / population_mean - 1 as relative_importance,
    'log1p' as effect_scale, effect_size, effect_size - 0.1 as effect_low,
    effect_size + 0.1 as effect_high
from segments_named
inner join (values
    (1, 'total_spend', 10.0, 48.3, -0.5), (2, 'total_spend', 30.0, 48.3, -0.2),
    (9, 'total_spend', 200.0, 48.3, 2.2), (1, 'return_rate', 0.0, 0.1, -0.3),
    (2, 'return_rate', 0.25, 0.1, 1.1), (9, 'return_rate', 0.1, 0.1, 0.0),
    (1, 'age', null, null, null), (2, 'age', null, null, null), (9, 'age', null, null, null),
    (1, 'customer_id', 30.0, 60.0, -0.9), (2, 'customer_id', 80.0, 60.0, 0.9),
    (9, 'customer_id', 110.0, 60.0, 0.9)
) as t(segment_id, feature, mean, population_mean, effect_size) using (segment_id);

create table cluster_report as
select
    'customer' as segmentation, segment_id, segment_name, 0.3 as segment_share, feature, rank,
    value, 10 as units, share, share - 0.1 as share_low, share + 0.05 as share_high,
    population_share, 0.9 * population_share as rest_share, share / population_share as lift,
    share / (0.9 * population_share) as rest_lift, 1.1 as rest_lift_low, 3.5 as rest_lift_high,
    0.01 as q_value, true as is_clear
from segments_named
cross join (values
    ('gender', 1, 'F</script>', 0.6, 0.3), ('gender', 2, '(missing)', 0.4, 0.2),
    ('total_spend', 1, '0–50', 0.9, 0.8)
) as t(feature, rank, value, share, population_share);

create table k_candidates as
select 'customer' as segmentation, cast(2 as bigint) as model_version, * from (values
    (1, 90.0, null, null, 0.1, 0.01, null, 1.0, null, null, false, false, 'below k = 3'),
    (2, 50.0, 0.40, 0.02, 0.2, 0.02, 0.9, 0.2, 0.0, 0.9, true, false, 'below k = 3'),
    (3, 30.0, 0.50, 0.01, 0.5, 0.02, 0.8, 0.1, 0.9, 0.8, false, true, 'has the best silhouette <0.5>'),
    (4, 28.0, 0.45, 0.02, 0.4, 0.02, 0.6, 0.1, 0.1, 0.5, false, false, 'silhouette 0.45 is lower')
) as t(
    k, inertia, silhouette, silhouette_se, gap, gap_se, stability, smallest_share, wins_share,
    prediction_strength, is_elbow, is_selected, reason
);

create table k_alternative_flows as
select 'customer' as segmentation, cast(2 as bigint) as model_version, * from (values
    (2, 1, 'two <1>', 3, 1, 'a', 60, 0.6), (2, 1, 'two <1>', 3, 2, 'b', 40, 0.4),
    (2, 2, 'two 2', 3, 9, 'c', 20, 1.0), (3, 1, 'a', 4, 1, 'four 1', 30, 0.5),
    (3, 1, 'a', 4, 2, 'four 2', 30, 0.5), (3, 2, 'b', 4, 3, 'four 3', 40, 1.0),
    (3, 9, 'c', 4, 4, 'four 4', 20, 1.0)
) as t(
    from_k, from_segment, from_segment_name, to_k, to_segment, to_segment_name, units, share
);

create table centroids as
select
    'customer' as segmentation, cast(2 as bigint) as model_version, segment_id, component, centroid
from (values (1, 1.0), (2, 2.0), (9, 9.0)) as t(segment_id, centroid)
cross join range(1, 5) as c(component);

create table loadings as
select
    'customer' as segmentation, cast(2 as bigint) as model_version, component,
    row_number() over (order by feature) as position, feature, level, loading, 0.0 as mean, 0.4 / component as explained_variance_ratio
from range(1, 5) as c(component)
cross join (values
    ('total_spend', null, 0.8), ('total_orders', null, 0.79), ('gender', 'F</script>', -0.3)
) as t(feature, level, loading);

create table segment_map as
select
    'customer' as segmentation, cast(2 as bigint) as model_version,
    cast(customer_id as varchar) as unit_id, sin(customer_id) as x, cos(customer_id) as y,
    segment_id, segment_name
from customer_segments where customer_id % 2 = 0;

create table segment_stability as
select
    'customer' as segmentation, cast(2 as bigint) as model_version, segment_id, segment_name,
    jaccard,
    case when jaccard < 0.5 then 'dissolved' else 'stable' end as verdict, 20 as refits
from segments_named
inner join (values (1, 0.99), (2, 0.8), (9, 0.4)) as t(segment_id, jaccard) using (segment_id);

create table segment_pairs as
select
    'customer' as segmentation, cast(2 as bigint) as model_version, one.segment_id,
    other.segment_id as other_segment_id, one.segment_name, other.segment_name as other_segment_name,
    verdict, fall, 0.01 as p_value, cast(3 as bigint) as units_between, 'total_spend' as feature,
    1.5 as feature_difference
from (values (1, 2, 'slices of one cloud', 0.1), (2, 9, 'clear groups', 0.8))
    as t(segment_id, other_segment_id, verdict, fall)
inner join segments_named as one using (segment_id)
inner join segments_named as other on t.other_segment_id = other.segment_id;

create table segmentation_quality as
select
    'customer' as segmentation, cast(2 as bigint) as model_version, 0.5 as silhouette,
    0.2 as null_silhouette, true as has_structure, 'Structure: the <density> falls by 80% between groups.' as verdict,
    'Fitted to <then>, the 20% brought 63%.' as prediction, 0.8 as smallest_stability;

create table segment_predictive_value as
select
    'customer' as segmentation, cast(2 as bigint) as model_version, predictor, measure,
    date '2023-12-01' as as_of_date, 90 as horizon_days, 120 as units, value,
    value - 0.1 as low, value + 0.1 as high
from (values
    ('spend_fifths', 0.66), ('segments', 0.63), ('forecast', 0.7), ('rfm_cells', 0.6)
) as p(predictor, value)
cross join (values
    ('r2_spend'), ('r2_log_spend'), ('auc_buying'), ('best_fifth_share')
) as m(measure);

create table predictive_value_by_group as
select 'customer' as segmentation, cast(2 as bigint) as model_version, * from (values
    ('segments', 'Few <b>orders</b>', 80, 10, 90.0, 100.0, 0.2),
    ('segments', 'Many orders', 40, 30, 500.0, 400.0, 0.8),
    ('rfm_cells', 'Lost', 120, 40, 590.0, 500.0, 1.0)
) as t(predictor, group_name, units, buyers, expected_spend, observed_spend, spend_share);

create table segment_value_forecast as
select
    segment_id, segment_name, 90 as horizon_days, 0.5 as probability_active,
    segment_id * 100.0 as expected_value, 2.5 as expected_value_per_customer, 7.0 as value_at_risk
from segments_named;

create table feature_importance as
select
    'customer' as segmentation, cast(2 as bigint) as model_version, feature, agreement, 120 as rows
from (values ('total_spend', 0.2), ('total_orders', 0.9), ('gender', null)) as t(feature, agreement);

create table feature_correlations as
select 'customer' as segmentation, cast(2 as bigint) as model_version, * from (values
    ('age', 'total_spend', 'pearson', -0.25, 120), ('age', 'total_spend', 'spearman', -0.9, 120),
    ('gender', 'total_spend', 'correlation_ratio', 0.4, 120),
    ('age', 'gender', 'correlation_ratio', null, 120)
) as t(feature_a, feature_b, measure, value, rows);

create table algorithm_comparison as
select 'customer' as segmentation, cast(2 as bigint) as model_version, * from (values
    ('kmeans', 120, 3, 0.0, 0.5, 0.9, 80.0, 1.0, 1.0, 0.9, 0.1, ''),
    ('hdbscan', 120, 2, 0.2, 0.6, 0.8, 70.0, 0.7, 0.7, null, 0.2, 'at least <5> rows'),
    ('dbscan', 120, null, null, null, null, null, null, null, null, 0.2, 'failed: no')
) as t(
    algorithm, rows, segments, noise_share, silhouette, davies_bouldin, calinski_harabasz, ari,
    ami, stability, seconds, note
);

create table customer_rfm_by_segment as
select
    segment_id, segment_name, rfm_cell, cell_order, customers, share_of_segment, share_of_cell
from segments_named
inner join (values
    (1, 'Lost', 2, 60, 1.0, 1.0), (2, 'Lost', 2, 0, 0.0, 0.0), (9, 'Lost', 2, 0, 0.0, 0.0),
    (1, 'Champions & co', 1, 0, 0.0, 0.0), (2, 'Champions & co', 1, 40, 1.0, 0.667),
    (9, 'Champions & co', 1, 20, 1.0, 0.333)
) as t(segment_id, rfm_cell, cell_order, customers, share_of_segment, share_of_cell)
    using (segment_id);

create table segment_retention as
select
    segment_id, segment_name, first_order_month, window_days, customers, observable
    as customers_observable, returned as customers_returned, returned / nullif(observable, 0)
    as retention_rate
from segments_named
inner join (values
    (1, date '2024-01-01', 30, 40, 40, 4), (1, date '2024-02-01', 30, 20, 10, 6),
    (2, date '2024-01-01', 30, 40, 40, 30), (9, date '2024-02-01', 30, 20, 0, 0)
) as t(segment_id, first_order_month, window_days, customers, observable, returned)
    using (segment_id);

create table basket_components as
select
    cast(1 as bigint) as model_version, component, 'Mix <' || component || '>' as component_name,
    1 as rank, category, weight
from (values
    (1, 'Jeans', 0.7), (1, 'Socks & </script>', 0.3), (2, 'Socks & </script>', 1.0)
) as t(component, category, weight);

create table customer_baskets as
select customer_id, case when segment_id = 1 then 1 when segment_id = 2 then 2 else 0 end
    as component, 1 as model_version
from customer_segments;

create table segment_sizes as
select
    'customer' as segmentation, as_of_date, segment_id, segment_name, units, share,
    2 as model_version
from segments_named
inner join (values
    (date '2024-01-31', 1, 50, 0.5), (date '2024-01-31', 2, 50, 0.5),
    (date '2024-02-29', 1, 60, 0.5), (date '2024-02-29', 2, 40, 0.333),
    (date '2024-02-29', 9, 20, 0.167)
) as t(as_of_date, segment_id, units, share) using (segment_id);

create table segment_migrations as
select 'customer' as segmentation, * from (values
    (date '2024-01-31', null, 1, 'joined', 50, 0.5), (date '2024-01-31', null, 2, 'joined', 50, 0.5),
    (date '2024-02-29', 1, 1, 'stayed', 45, 0.3), (date '2024-02-29', 2, 1, 'behaviour', 15, 0.1),
    (date '2024-02-29', 2, 2, 'stayed', 30, 0.3), (date '2024-02-29', 2, null, 'left', 5, 0.1),
    (date '2024-02-29', 1, 2, 'behaviour', 5, 0.1), (date '2024-02-29', null, 2, 'joined', 5, 0.1),
    (date '2024-02-29', null, 9, 'joined', 20, 0.1)
) as t(as_of_date, from_segment_id, to_segment_id, cause, units, share);

create table segment_drift as
select 'customer' as segmentation, cast(2 as bigint) as model_version, * from (values
    ('feature', 'total_spend', 0.31, 0.02, 0.12, 0.27, true, null, 0.0, 'drifted'),
    ('feature', 'return_rate', 0.05, 0.02, 0.12, 0.27, true, null, 0.0, 'stable'),
    ('segment shares', null, 0.01, 0.02, 0.12, 0.27, false, null, null, 'stable'),
    ('confidence', null, null, null, null, null, false, 0.7, 0.6, null)
) as t(
    measure, feature, psi, chance_psi, warn_above, drifted_above, is_trigger, baseline_value,
    current_value, status
);

create table segment_agreement as
select
    'customer' as segmentation, cast(customer_id as varchar) as unit_id, 2 as serving_version, 1 as other_version,
    customer_id % 4 > 0 as is_same
from customer_segments;

create table product_features as
select cast(id as bigint) as product_id, 'P' || id as product_name, 10.0 * id as revenue
from range(1, 11) as t(id);

create table product_segments as
select
    product_id, case when product_id <= 6 then 1 else 2 end as segment_id,
    case when product_id <= 6 then 'Cheap <b>' else 'Dear' end as segment_name
from product_features;

insert into segments
select
    'product', segment_id, segment_name, 'revenue about 35', true, null, count(*), count(*) / 10, sum(revenue),
    sum(revenue) / 550, 1.0, 1
from product_segments
inner join product_features using (product_id)
group by segment_id, segment_name;

insert into segment_profiles by name
select
    'product' as segmentation, segment_id, if(segment_id = 1, 'Cheap <b>', 'Dear') as segment_name,
    'revenue' as feature, if(segment_id = 1, 35.0, 85.0) as mean, 1.0 as median, 55.0 as population_mean,
    50.0 as rest_mean, if(segment_id = 1, -0.36, 0.55) as relative_importance,
    if(segment_id = 1, -0.7, 1.0) as effect_size, effect_size - 0.1 as effect_low,
    effect_size + 0.1 as effect_high
from range(1, 3) as t(segment_id);

insert into cluster_report by name
select
    'product' as segmentation, segment_id, 'x' as segment_name, 'product_name' as feature,
    1 as rank, 'P1' as value, 0.1 as share, 0.1 as population_share, 0.1 as rest_share,
    1.0 as lift, 1.0 as rest_lift, 0.5 as rest_lift_low, 2.0 as rest_lift_high, false as is_clear
from range(1, 3) as t(segment_id);

insert into k_candidates by name
select
    'product' as segmentation, 1 as model_version, k, 10.0 / k as inertia, 0.3 as silhouette, null as silhouette_se,
    null as gap, null as gap_se, null as stability, 0.4 as smallest_share, false as is_elbow,
    k = 2 as is_selected, 'has the best silhouette' as reason
from range(2, 4) as t(k);

create table data_quality as
select * from (values
    ('orders', 'rows read', 500, 1.0, 'read'), ('orders', 'exact duplicate', 7, 0.014, 'dropped'),
    ('orders', 'no key', 0, 0.0, 'dropped')
) as t(table_name, check_name, rows, share, action);

create table segmentations as
select
    name as segmentation, name || 's' as unit, name || '_id' as key_column,
    name || '_features' as features_table, name || '_segments' as segments_table,
    name || '_segment_history' as history_table, model_version, date '2024-02-29' as as_of_date,
    units, false as is_stale, reason, '{}' as source_columns
from (values
    ('customer', 2, 120, 'the recipe changed'), ('product', 1, 10, 'first')
) as t(name, model_version, units, reason);

create table publications as
select
    table_name, 1 as rows, 1 as columns, 'x' as content_hash,
    timestamp '2024-03-01 06:00:00' as published_at, 2 as model_version,
    date '2024-02-29' as as_of_date
from duckdb_tables();

drop table segments_named;
