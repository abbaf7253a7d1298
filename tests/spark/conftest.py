"""One Spark session for all tests of this folder."""

import pytest
from dbt.adapters.sparksession.session import SparkSessionCredentials, session_for


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark")
    return session_for(
        SparkSessionCredentials(schema="parity", memory="1g", warehouse=str(folder), partitions=2)
    )
