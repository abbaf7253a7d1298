from segmentation.dbt_models.fitting import fit_matches_table


def model(dbt, session):
    """One row per segment of a model version or of the one before."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_matches_table(
        dbt.ref("int_customer_fit_plan"),
        dbt.ref("int_customer_fit_sample_components"),
        dbt.ref("fit_customer_kmeans"),
        dbt.ref("int_customer_previous_segments"),
        dbt.ref("int_customer_earlier_names"),
        key="customer_id",
    )
