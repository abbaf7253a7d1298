"""Of dbt-spark, whose internals this adapter is made of."""

version = "1.11.0"
