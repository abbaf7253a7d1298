"""One Spark session for all tests of this folder."""

from pathlib import Path

import pytest
from dbt.adapters.sparksession.session import SparkSessionCredentials, session_for

FAST = {
    "SPARK_CONF_DIR": str(Path(__file__).with_name("conf")),
    "SEGMENTATION_SPARK_PARTITIONS": "1",
    # Planning a query keeps one thread busy, and running it hardly any.
    "SEGMENTATION_THREADS": "4",
    "SPARK_LOCAL_IP": "127.0.0.1",
    # A JVM of five minutes compiles once, and quickly; what it stores need not outlive the machine.
    "JAVA_TOOL_OPTIONS": (
        "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC "
        "-Dderby.system.durability=test"
    ),
}
"""What suits some thousand rows; a build of any size has the settings of the profile."""


@pytest.fixture(scope="session", autouse=True)
def fast():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FAST.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def spark(fast, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark")
    return session_for(
        SparkSessionCredentials(schema="parity", memory="1g", warehouse=str(folder), partitions=1)
    )
