"""dbt on a Spark session of its own process: the project's SQL, translated as it runs."""

from dbt_common.exceptions import DbtRuntimeError

try:
    from dbt.adapters.base import AdapterPlugin
    from dbt.adapters.sparksession.impl import SparkSessionAdapter
    from dbt.adapters.sparksession.session import SparkSessionCredentials
    from dbt.include import sparksession
except ModuleNotFoundError as missing:
    raise DbtRuntimeError(
        f"The target spark needs {missing.name}, which is not installed: install this project "
        "with its extra, as in pip install -e '.[spark]'."
    ) from missing

Plugin = AdapterPlugin(
    adapter=SparkSessionAdapter,
    credentials=SparkSessionCredentials,
    include_path=sparksession.PACKAGE_PATH,
    dependencies=["spark"],
)
