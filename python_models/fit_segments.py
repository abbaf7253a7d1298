from segmentation.dbt_models.fitting import fit_segments_table


def model(dbt, session):
    """One row per segment of a model version or of the one before."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["segmentation", "model_version"],
    )
    return fit_segments_table(
        dbt.ref("fit_plan"),
        dbt.ref("fit_rows"),
        dbt.ref("scaling"),
        dbt.ref("loadings"),
        dbt.ref("fit_clusters"),
        dbt.ref("previous_segments"),
        dbt.ref("earlier_names"),
    )
