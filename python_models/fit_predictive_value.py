from segmentation.dbt_models.proving import fit_predictive_value_table


def model(dbt, session):
    """Rows of a model version: figures by predictor and measure, groups, and what is said."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["segmentation", "model_version"],
    )
    return fit_predictive_value_table(
        dbt.ref("fit_plan"),
        dbt.ref("fit_rows"),
        dbt.ref("fit_facts"),
        dbt.ref("k_candidates"),
        dbt.ref("status_draw"),
        dbt.ref("past_customer_outcomes"),
        dbt.ref("rfm_cells"),
    )
