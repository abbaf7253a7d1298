"""dbt on a Spark session of its own process: the project's SQL, translated as it runs."""

from dbt.adapters.base import AdapterPlugin
from dbt.adapters.sparksession.impl import SparkSessionAdapter
from dbt.adapters.sparksession.session import SparkSessionCredentials
from dbt.include import sparksession

Plugin = AdapterPlugin(
    adapter=SparkSessionAdapter,
    credentials=SparkSessionCredentials,
    include_path=sparksession.PACKAGE_PATH,
    dependencies=["spark"],
)
