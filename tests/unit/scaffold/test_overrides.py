"""Ensures that what people say of segments is written whole, signed, and never over another's."""

import csv

import pytest

from segmentation.published.served import CommandError
from segmentation.scaffold.overrides import (
    COLUMNS,
    FILE,
    Override,
    override,
    pending,
    read_overrides,
)
from segmentation.scaffold.seeds import FOLDER, seeds_folder

NAMES = {1: "Best", 2: "Rest"}
CHANGE = Override("customer", 1, "Regulars", "", "sales asked", "Ada", "2024-01-02")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / FILE).write_text(f"{','.join(COLUMNS)}\n")
    return tmp_path


def test_a_change_replaces_an_earlier_one_and_an_empty_one_takes_it_out(folder):
    override(folder, CHANGE, NAMES)
    override(folder, Override("product", 1, "Cheap", "", "short", "Bo", "2024-01-03"), {1: "Low"})
    later = Override("customer", 1, "", "Write, “soon”,\nto them", "new plan", "Bo", "2024-01-04")
    override(folder, later, NAMES)
    first, second = read_overrides(folder)
    assert (first.segment_name, first.suggestion) == ("", "Write, “soon”, to them")
    assert (first.changed_by, first.changed_on) == ("Bo", "2024-01-04")
    assert second.segmentation == "product"
    override(folder, Override("customer", 1, reason="gone"), NAMES)
    assert [one.segmentation for one in read_overrides(folder)] == ["product"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"segment_id": 9}, "There is no segment 9 of customer: there are 1, 2."),
        ({"segment_name": "rest"}, "Segment 2 is called 'rest' already"),
        ({"segment_name": "x" * 81}, "The segment name has more than 80 characters"),
        ({"reason": " "}, "Say why"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_nothing_is_written(folder, changes, told):
    before = (folder / FILE).read_bytes()
    with pytest.raises(CommandError, match=told):
        override(folder, Override(**CHANGE.__dict__ | changes), NAMES)
    assert (folder / FILE).read_bytes() == before


def test_a_name_that_waits_for_the_next_build_is_taken(folder):
    override(folder, CHANGE, NAMES)
    with pytest.raises(CommandError, match="Segment 1 is called 'regulars' already"):
        override(folder, Override("customer", 2, "regulars", reason="why"), NAMES)


def test_a_change_is_pending_until_it_is_published(folder):
    assert pending(folder, "customer", 1, "Best", "Do.") is None
    override(folder, CHANGE, NAMES)
    assert pending(folder, "customer", 1, "Best", "Do.") == CHANGE
    assert pending(folder, "customer", 1, "Regulars", "Do.") is None
    assert pending(folder, "customer", 2, "Rest", "Do.") is None


def test_the_seeds_are_those_of_the_project_here(tmp_path, monkeypatch, folder):
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(CommandError, match="There is no seeds/segment_overrides"):
        seeds_folder(FILE)
    with pytest.raises(CommandError, match="elsewhere has no segment_overrides"):
        seeds_folder(FILE, "elsewhere")
    with pytest.raises(CommandError, match="nowhere is no folder"):
        seeds_folder(FILE, "nowhere")
    (tmp_path / "segmentation_package" / "seeds").mkdir(parents=True)
    (tmp_path / "segmentation_package" / "seeds" / FILE).touch()
    assert str(seeds_folder(FILE)) == "segmentation_package/seeds"
    monkeypatch.setenv(FOLDER, str(folder))
    assert seeds_folder(FILE) == folder


def test_the_command_keeps_what_it_does_not_name(command, folder):
    call = ["override", "1", "--seeds", str(folder), "--by", "Ada", "--because", "sales asked"]
    assert command(*call, "--name", "Regulars")[0] == 0
    code, told, _ = command(*call, "--suggestion", "Thank them.")
    assert code == 0 and "the next build reads it" in told
    with (folder / FILE).open() as file:
        (row,) = csv.DictReader(file)
    assert (row["segment_name"], row["suggestion"]) == ("Regulars", "Thank them.")
    assert command(*call, "--name", "", "--suggestion", "")[0] == 0
    assert read_overrides(folder) == []
    code, _, told = command(*call)
    assert code == 2 and "Nothing is changed" in told
