"""Ensures that of what Spark says, a sentence is left."""

import pytest
from dbt.adapters.sparksession.session import SparkSessionCredentials, _sentence


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "[USER_RAISED_EXCEPTION] NOT NULL constraint failed: a.b SQLSTATE: P0001\n\tat c.d",
            "NOT NULL constraint failed: a.b",
        ),
        (
            "An error occurred while calling o1.collectToPython.\n: org.SparkException: aborted\n"
            "\tat a.b(C.scala:1)\nCaused by: org.Arithmetic: [DIVIDE_BY_ZERO] Division by zero.\n"
            "\tat d.e(F.scala:2)",
            "org.Arithmetic: [DIVIDE_BY_ZERO] Division by zero.",
        ),
        (
            "An error occurred while calling o1.\n: java.io.IOException: disk is full\n\tat a.b",
            "java.io.IOException: disk is full",
        ),
        ("[TABLE_OR_VIEW_NOT_FOUND] a is no table.\n'Project [*]\n+- a", None),
    ],
)
def test_the_reason_is_told_and_neither_plan_nor_stack(said, sentence):
    assert _sentence(said) == (sentence or said.splitlines()[0])


def test_what_the_profile_gives_by_name_wins():
    given = {"spark.sql.shuffle.partitions": 7, "spark.sql.codegen.wholeStage": False}
    settings = SparkSessionCredentials(
        schema="s", partitions=3, server_side_parameters=given
    ).server_side_parameters
    assert settings["spark.sql.shuffle.partitions"] == "7"
    assert settings["spark.sql.codegen.wholeStage"] == "False"
    assert settings["spark.sql.ansi.enabled"] == "true"


def test_with_a_server_the_place_of_tables_is_the_servers():
    settings = SparkSessionCredentials(schema="s", remote="sc://h:1").server_side_parameters
    assert settings["spark.remote"] == "sc://h:1"
    assert not {"spark.master", "spark.sql.warehouse.dir"} & set(settings)
