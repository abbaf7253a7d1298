"""The bodies of dbt's Python models: read the plan, fit, return a small table."""
