from segmentation.dbt_models.fitting import fit_loadings_table


def model(dbt, session):
    """One row per component and encoded feature of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["segmentation", "model_version"],
    )
    return fit_loadings_table(
        dbt.ref("fit_plan"),
        dbt.ref("fit_rows"),
        dbt.ref("scaling"),
    )
