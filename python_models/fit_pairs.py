from segmentation.dbt_models.judging import fit_pairs_table


def model(dbt, session):
    """One row per pair of bordering segments of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["segmentation", "model_version"],
    )
    return fit_pairs_table(
        dbt.ref("fit_plan"),
        dbt.ref("fit_rows"),
        dbt.ref("scaling"),
        dbt.ref("loadings"),
        dbt.ref("centroids"),
    )
