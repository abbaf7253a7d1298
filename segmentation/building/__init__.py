"""A build around dbt: checks before it, words for what it does, one sentence for how it ended."""
