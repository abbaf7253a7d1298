from segmentation.dbt_models.fitting import fit_clusters_table


def model(dbt, session):
    """One row per cluster and component of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_clusters_table(
        dbt.ref("int_customer_fit_plan"),
        dbt.ref("int_customer_fit_sample_components"),
        dbt.ref("customer_k_candidates"),
        dbt.ref("int_customer_previous_segments"),
        key="customer_id",
    )
