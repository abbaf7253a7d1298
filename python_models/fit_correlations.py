from segmentation.dbt_models.judging import fit_correlations_table


def model(dbt, session):
    """One row per pair of features and measure of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["segmentation", "model_version"],
    )
    return fit_correlations_table(
        dbt.ref("fit_plan"),
        dbt.ref("fit_rows"),
    )
