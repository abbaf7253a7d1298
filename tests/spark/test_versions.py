"""Ensures that readers on Spark see one publication, whole, whatever becomes of the next."""

import pytest

from segmentation.published.versions import publish_versions

SCHEMA = "shown"


@pytest.fixture
def publish(spark):
    spark.sql(f"drop schema if exists {SCHEMA} cascade")

    def publishing(kept=2, **queries):
        frames = {name: spark.sql(query) for name, query in queries.items()}
        return publish_versions(spark, frames, SCHEMA, kept)

    yield publishing
    spark.sql(f"drop schema if exists {SCHEMA} cascade")


def rows(spark, table):
    return sorted(tuple(row) for row in spark.sql(f"select * from {SCHEMA}.{table}").collect())


def test_views_show_the_newest_version(spark, publish):
    publish(a="select 1 as x", b="select 'old' as y")
    assert publish(a="select 2 as x", b="select 'new' as y") == 2
    assert (rows(spark, "a"), rows(spark, "b")) == ([(2,)], [("new",)])


def test_a_publication_that_dies_shows_nothing_of_itself(spark, publish):
    publish(a="select 1 as x", b="select 'old' as y")
    with pytest.raises(Exception, match="killed"):
        publish(a="select 2 as x", b="select string(raise_error('killed')) as y")
    assert (rows(spark, "a"), rows(spark, "b")) == ([(1,)], [("old",)])
    publish(a="select 3 as x", b="select 'new' as y")
    assert (rows(spark, "a"), rows(spark, "b")) == ([(3,)], [("new",)])


def test_columns_may_come_and_go(spark, publish):
    publish(a="select 1 as x, 'gone' as y")
    publish(a="select cast(2.5 as double) as z, 2 as x")
    assert rows(spark, "a") == [(2.5, 2)]


def test_only_so_many_versions_stay(spark, publish):
    for number in range(4):
        publish(kept=2, a=f"select {number} as x")
    partitions = spark.sql(f"show partitions {SCHEMA}.a__versions").collect()
    assert [row[0] for row in partitions] == ["published_version=3", "published_version=4"]
