"""Ensures that an entry is added to a project's file, and that nothing else of it changes."""

import pytest
import yaml

from segmentation.published.served import CommandError
from segmentation.scaffold.project_file import (
    place_of_entries,
    project_settings,
    vars_file,
    with_lines,
)

PLACE = ("vars", "segmentations")
WINE = "wine:\n  table: wine\n  columns:\n    - {name: alcohol, type: double}"


def with_wine(text):
    return with_lines(text, PLACE, "wine", WINE)


COMMENTED = """\
name: mine   # of nobody else
"profile": 'mine'

vars:
    # how often
    k: 4
    segmentations:
        # the shop stays out
        customer: null
        old: {table: x, key: id}   # soon to go

        # end of the old ones

    as_of: "2024-03-31"   # a Sunday

# tables, not views
models: {mine: {+materialized: table}}
"""
ADDED = """\
        wine:
          table: wine
          columns:
            - {name: alcohol, type: double}
"""


def test_the_entry_stands_last_and_the_rest_is_byte_for_byte():
    below = "        # end of the old ones\n"
    assert with_wine(COMMENTED) == COMMENTED.replace(below, below + ADDED)


def test_line_ends_stay_what_they_are():
    windows = COMMENTED.replace("\n", "\r\n")
    assert with_wine(windows) == with_wine(COMMENTED).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: mine", "name: mine\n\nvars:\n  segmentations:\n    wine:\n"),
        ("vars:\nname: mine\n", "vars:\n  segmentations:\n    wine:\n"),
        ("vars: {}  # none\nname: mine\n", "vars:  # none\n  segmentations:\n    wine:\n"),
        ("vars:\n  mine:\n    k: 1\n", "vars:\n  mine:\n    k: 1\n  segmentations:\n    wine:\n"),
        ("vars:\n  segmentations: ~\n", "vars:\n  segmentations:\n    wine:\n"),
        (
            "vars:\n  segmentations: {customer: null, product: null}  # no shop\n  k: 1\n",
            "segmentations:  # no shop\n    customer: null\n    product: null\n    wine:\n",
        ),
        ("vars:\n  note: |\n    of\n    two\n", "of\n    two\n  segmentations:\n    wine:\n"),
    ],
    ids=["no vars", "empty", "braces", "nested", "null", "shop left out", "text of two lines"],
)
def test_what_is_missing_on_the_way_is_made(text, expected):
    added = with_wine(text)
    assert expected in added
    assert yaml.safe_load(added)["vars"]["segmentations"]["wine"]["table"] == "wine"


@pytest.mark.parametrize(
    "text",
    [
        "{name: mine, vars: {}}\n",
        "vars:\n  segmentations: {customer: null,  # no shop\n    product: null}\n",
        "vars:\n  mine: &shared {a: null}\n  segmentations: *shared\n",
        "vars: 3\n",
        "name: mine\n...\n",
    ],
    ids=["all in braces", "a comment in braces", "an alias", "no mapping", "an end mark"],
)
def test_what_cannot_be_added_to_safely_is_left(text):
    assert with_wine(text) is None


def test_entries_stand_where_package_and_project_see_them():
    assert place_of_entries({}, "mine") == PLACE
    assert place_of_entries({"vars": {"mine": {"k": 1}}}, "mine") == PLACE
    with pytest.raises(CommandError, match="stands under vars: mine:, where only the models of"):
        place_of_entries({"vars": {"mine": {"segmentations": {}}}}, "mine")
    with pytest.raises(CommandError, match="stands under vars: segmentation:"):
        place_of_entries({"vars": {"segmentation": {"segmentations": {}}}}, "mine")
    own = {"vars": {"segmentation": {"segmentations": {}}}}
    assert place_of_entries(own, "segmentation") == ("vars", "segmentation", "segmentations")


def test_vars_in_a_file_of_their_own_are_found(tmp_path):
    (tmp_path / "dbt_project.yml").write_text("name: mine\n")
    assert vars_file(tmp_path).name == "dbt_project.yml"
    (tmp_path / "vars.yml").write_text("# none yet\n")
    assert vars_file(tmp_path).name == "dbt_project.yml"
    (tmp_path / "vars.yml").write_text("vars: {k: 4}\n")
    assert vars_file(tmp_path).name == "vars.yml"


def test_a_folder_that_is_no_project_is_refused(tmp_path):
    with pytest.raises(CommandError, match=r"has no dbt_project\.yml"):
        project_settings(tmp_path)
    (tmp_path / "dbt_project.yml").write_text("# later\n")
    with pytest.raises(CommandError, match="has no settings"):
        project_settings(tmp_path)
