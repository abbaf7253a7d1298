from segmentation.dbt_models.trust import fit_alternatives_table


def model(dbt, session):
    """One row per sampled customer and number of segments of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_alternatives_table(
        dbt.ref("int_customer_extras_plan"),
        dbt.ref("int_customer_trust_sample"),
        dbt.ref("int_customer_described_sample"),
        key="customer_id",
    )
