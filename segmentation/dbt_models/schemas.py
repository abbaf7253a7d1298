"""Arrow schemas of the fitted tables: the column types a Python model promises."""

import pyarrow as pa


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema({"segmentation": pa.string(), "model_version": pa.int64(), **columns})


def _basket_schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema({"model_version": pa.int64(), **columns})


SCALING = _schema(
    position=pa.int64(),
    feature=pa.string(),
    level=pa.string(),
    code=pa.float64(),
    transform=pa.string(),
    fill_value=pa.float64(),
    center=pa.float64(),
    scale=pa.float64(),
    weight=pa.float64(),
    unit=pa.float64(),
    shrink_by=pa.string(),
    prior_mean=pa.float64(),
    prior_count=pa.float64(),
)

LOADINGS = _schema(
    component=pa.int64(),
    position=pa.int64(),
    feature=pa.string(),
    level=pa.string(),
    loading=pa.float64(),
    mean=pa.float64(),
    explained_variance_ratio=pa.float64(),
)

CANDIDATES = _schema(
    k=pa.int64(),
    inertia=pa.float64(),
    silhouette=pa.float64(),
    silhouette_se=pa.float64(),
    calinski_harabasz=pa.float64(),
    davies_bouldin=pa.float64(),
    gap=pa.float64(),
    gap_se=pa.float64(),
    stability=pa.float64(),
    smallest_share=pa.float64(),
    difference_se=pa.float64(),
    wins_share=pa.float64(),
    prediction_strength=pa.float64(),
    bic=pa.float64(),
    clear_groups=pa.int64(),
    recognisable_groups=pa.int64(),
    is_grid=pa.bool_(),
    is_elbow=pa.bool_(),
    is_selected=pa.bool_(),
    reason=pa.string(),
)

CLUSTERS = _schema(
    cluster=pa.int64(),
    component=pa.int64(),
    centroid=pa.float64(),
    fitted_rows=pa.int64(),
    axis_loadings=pa.list_(pa.float64()),
    log_constant=pa.float64(),
)

SEGMENTS = _schema(
    old_id=pa.int64(),
    cluster=pa.int64(),
    new_id=pa.int64(),
    overlap=pa.float64(),
    shared_rows=pa.int64(),
    kind=pa.string(),
    segment_name=pa.string(),
    claims=pa.string(),
)

BASELINE = _schema(
    feature=pa.string(),
    kind=pa.string(),
    bin=pa.int64(),
    lower_bound=pa.float64(),
    upper_bound=pa.float64(),
    level=pa.string(),
    share=pa.float64(),
    fitted_rows=pa.int64(),
    least=pa.float64(),
    greatest=pa.float64(),
    is_trigger=pa.bool_(),
)

FACTS = _schema(
    mean_confidence=pa.float64(),
    explained_variance=pa.float64(),
    library_versions=pa.string(),
    separation=pa.float64(),
    active_separation=pa.float64(),
    silhouette=pa.float64(),
    null_silhouette=pa.float64(),
    null_silhouette_sd=pa.float64(),
    excess=pa.float64(),
    z=pa.float64(),
    valley_depth=pa.float64(),
    has_structure=pa.bool_(),
    grouping=pa.string(),
    group_count=pa.int64(),
    clear_share=pa.float64(),
    verdict=pa.string(),
    rows_judged=pa.int64(),
)

PAIRS = _schema(
    segment_id=pa.int64(),
    other_segment_id=pa.int64(),
    verdict=pa.string(),
    fall=pa.float64(),
    p_value=pa.float64(),
    units_between=pa.int64(),
    feature=pa.string(),
    feature_difference=pa.float64(),
)

STABILITY = _schema(
    segment_id=pa.int64(),
    jaccard=pa.float64(),
    verdict=pa.string(),
    refits=pa.int64(),
)

RULES = _schema(
    segment_id=pa.int64(),
    rule=pa.string(),
)

DESCRIBED = _schema(
    segment_id=pa.int64(),
    description=pa.string(),
    name_is_true=pa.bool_(),
    name_objection=pa.string(),
    kind=pa.string(),
    suggestion=pa.string(),
    aims_at=pa.string(),
    success=pa.string(),
    rule=pa.string(),
    rule_sql=pa.string(),
    rule_json=pa.string(),
    branches=pa.int64(),
    conditions=pa.int64(),
    rule_precision=pa.float64(),
    rule_recall=pa.float64(),
    rule_share=pa.float64(),
    fidelity=pa.float64(),
    rows_measured=pa.int64(),
)

ALTERNATIVES = _schema(
    unit_id=pa.string(),
    k=pa.int64(),
    segment=pa.int64(),
    is_selected=pa.bool_(),
    segment_name=pa.string(),
)

COMPARISON = _schema(
    algorithm=pa.string(),
    rows=pa.int64(),
    segments=pa.int64(),
    noise_share=pa.float64(),
    silhouette=pa.float64(),
    davies_bouldin=pa.float64(),
    calinski_harabasz=pa.float64(),
    ari=pa.float64(),
    ami=pa.float64(),
    stability=pa.float64(),
    seconds=pa.float64(),
    note=pa.string(),
)

IMPORTANCE = _schema(
    feature=pa.string(),
    agreement=pa.float64(),
    rows=pa.int64(),
)

MAP = _schema(
    unit_id=pa.string(),
    x=pa.float64(),
    y=pa.float64(),
    segment_id=pa.int64(),
)

CORRELATIONS = _schema(
    feature_a=pa.string(),
    feature_b=pa.string(),
    measure=pa.string(),
    value=pa.float64(),
    rows=pa.int64(),
)

BASKET_CANDIDATES = _basket_schema(
    components=pa.int64(),
    reconstruction_error=pa.float64(),
    error_drop=pa.float64(),
    random_drop=pa.float64(),
    random_drop_sd=pa.float64(),
    is_selected=pa.bool_(),
    reason=pa.string(),
)

BASKET_PAIRS = _basket_schema(
    category_a=pa.string(),
    category_b=pa.string(),
    customers=pa.int64(),
    customers_a=pa.int64(),
    customers_b=pa.int64(),
    customers_both=pa.int64(),
    expected=pa.float64(),
    lift=pa.float64(),
    lift_low=pa.float64(),
    lift_high=pa.float64(),
    p_value=pa.float64(),
    q_value=pa.float64(),
)

BASKET_COMPONENTS = _basket_schema(
    component=pa.int64(),
    component_name=pa.string(),
    category=pa.string(),
    weight=pa.float64(),
    fitted_rows=pa.int64(),
    customer_model_version=pa.int64(),
    settings_hash=pa.string(),
)

PURCHASES = pa.schema(
    {
        "parameter": pa.string(),
        "value": pa.float64(),
        "meaning": pa.string(),
        "repeats": pa.int64(),
        "node": pa.int64(),
        "leaves": pa.float64(),
        "weight": pa.float64(),
    }
)

PREDICTIVE_VALUE = _schema(
    as_of_date=pa.date32(),
    horizon_days=pa.int64(),
    predictor=pa.string(),
    measure=pa.string(),
    group_count=pa.int64(),
    value=pa.float64(),
    low=pa.float64(),
    high=pa.float64(),
    minus_rfm=pa.float64(),
    minus_rfm_low=pa.float64(),
    minus_rfm_high=pa.float64(),
    minus_fifths=pa.float64(),
    minus_fifths_low=pa.float64(),
    minus_fifths_high=pa.float64(),
    group_name=pa.string(),
    units=pa.int64(),
    buyers=pa.int64(),
    expected_spend=pa.float64(),
    observed_spend=pa.float64(),
    sentence=pa.string(),
    shuffled_as_clear=pa.int64(),
)

CAMPAIGNS = pa.schema(
    {
        "campaign": pa.string(),
        "measure": pa.string(),
        "segment_id": pa.int64(),
        "segment_name": pa.string(),
        "kind": pa.string(),
        "starts_on": pa.date32(),
        "horizon_days": pa.int64(),
        "measured_to": pa.date32(),
        "days": pa.int64(),
        "status": pa.string(),
        "treated": pa.int64(),
        "controls": pa.int64(),
        "treated_mean": pa.float64(),
        "control_mean": pa.float64(),
        "difference": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
        "total": pa.float64(),
        "total_low": pa.float64(),
        "total_high": pa.float64(),
        "variance_saved": pa.float64(),
        "verdict": pa.string(),
        "sentence": pa.string(),
    }
)
