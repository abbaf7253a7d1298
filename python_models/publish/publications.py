from segmentation.publishing import PublicTable, publish


def model(dbt, session):
    """Publish the audited tables; every one of them and all tests are above this model."""
    dbt.config(materialized="table")
    serving_model = dbt.ref("int_customer_serving_model")
    version = int(serving_model.df()["model_version"].iloc[0])

    customer = ("customer_id",)
    whole = {
        "customer_features": (dbt.ref("customer_features"), customer),
        "customer_segments": (dbt.ref("customer_segments"), customer),
        "customer_exclusions": (dbt.ref("customer_exclusions"), customer),
        "customer_cluster_report": (
            dbt.ref("customer_cluster_report"),
            ("segment_id", "feature", "rank"),
        ),
        "customer_segment_profiles": (
            dbt.ref("customer_segment_profiles"),
            ("segment_id", "feature"),
        ),
        "customer_segment_models": (dbt.ref("customer_segment_models"), ("model_version",)),
        "customer_segment_history": (
            dbt.ref("customer_segment_history"),
            ("customer_id", "valid_from"),
        ),
        "customer_segment_migrations": (
            dbt.ref("customer_segment_migrations"),
            ("as_of_date", "from_segment_id", "to_segment_id"),
        ),
        "customer_segment_agreement": (
            dbt.ref("customer_segment_agreement"),
            ("customer_id", "other_version"),
        ),
        "segment_sizes_over_time": (
            dbt.ref("segment_sizes_over_time"),
            ("as_of_date", "segment_id"),
        ),
        "segment_matches": (
            dbt.ref("segment_matches"),
            ("model_version", "new_id", "old_id"),
        ),
        "segment_drift": (dbt.ref("segment_drift"), ("measure", "feature")),
        "data_quality": (dbt.ref("data_quality"), ("table_name", "check_name")),
    }
    of_version = {
        "customer_components": (dbt.ref("customer_components"), customer),
        "customer_scaling": (dbt.ref("customer_scaling"), ("position", "level")),
        "customer_pca": (dbt.ref("customer_pca"), ("component", "position")),
        "customer_k_candidates": (dbt.ref("customer_k_candidates"), ("k",)),
        "customer_centroids": (dbt.ref("customer_centroids"), ("segment_id", "component")),
        "customer_segment_names": (dbt.ref("customer_segment_names"), ("segment_id",)),
    }
    tables = {
        name: PublicTable(relation.sql_query(), key) for name, (relation, key) in whole.items()
    } | {
        name: PublicTable(relation.sql_query(), key, version)
        for name, (relation, key) in of_version.items()
    }
    return publish(session, tables, dbt.config.meta_get("serving"), version)
