from segmentation.dbt_models.fitting import fit_clusters_table


def model(dbt, session):
    """One row per cluster and component of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["segmentation", "model_version"],
    )
    return fit_clusters_table(
        dbt.ref("fit_plan"),
        dbt.ref("fit_rows"),
        dbt.ref("scaling"),
        dbt.ref("loadings"),
        dbt.ref("k_candidates"),
        dbt.ref("previous_segments"),
    )
