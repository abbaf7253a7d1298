"""Ensures that a stopped build goes on only with what it had asked for and read."""

import pytest

from segmentation.building.resume import NothingToResumeError, Progress

ARGUMENTS = ["--vars", "{recipe: article}"]


@pytest.fixture
def raw(tmp_path, monkeypatch):
    """A folder of raw files."""
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "orders.csv").write_text("order_id\n1\n")
    monkeypatch.setenv("SEGMENTATION_RAW_PATH", str(folder))
    return folder


@pytest.fixture
def progress(tmp_path, raw) -> Progress:
    """The progress of a build that had filled two tables when it was killed."""
    progress = Progress.of(tmp_path / "w.duckdb")
    progress.begin(ARGUMENTS)
    for node in ("raw_orders", "as_of", "raw_orders"):
        progress.add(node)
    with progress.path.open("a") as file:
        file.write("raw_ite")
    return progress


def selected(rest: list[str]) -> tuple[list[str], list[str]]:
    """Return dbt's options before the choice of nodes, and the nodes left out."""
    return rest[: rest.index("--indirect-selection")], rest[rest.index("--exclude") + 1 :]


def test_a_resumed_build_leaves_out_what_is_filled_and_no_test(progress):
    for given in ([], ARGUMENTS):
        rest = progress.rest(given)
        assert selected(rest) == (ARGUMENTS, ["as_of", "raw_orders"])
        assert "resource_type:test" in rest
        assert rest[rest.index("--indirect-selection") + 1] == "empty"


def test_a_build_that_was_stopped_at_once_is_resumed_from_its_beginning(progress):
    progress.begin([])
    assert "--exclude" not in progress.rest([])


def test_another_question_is_refused(progress):
    with pytest.raises(NothingToResumeError, match=r"other options \(--vars \{recipe: article\}\)"):
        progress.rest(["--vars", "{k: 4}"])


@pytest.mark.parametrize("change", ["other content", "another folder", "one more file"])
def test_other_raw_files_are_refused(progress, raw, tmp_path, monkeypatch, change):
    if change == "other content":
        (raw / "orders.csv").write_text("order_id\n2\n3\n")
    elif change == "another folder":
        monkeypatch.setenv("SEGMENTATION_RAW_PATH", str(tmp_path))
    else:
        (raw / "users.csv").write_text("id\n")
    with pytest.raises(NothingToResumeError, match="files that have changed since"):
        progress.rest([])


def test_nothing_is_resumed_after_a_good_build_or_one_of_a_part(progress):
    progress.forget()
    with pytest.raises(NothingToResumeError, match="No stopped build"):
        progress.rest([])
    progress.begin(["--select", "rfm_cells"])
    progress.add("rfm_cells")
    with pytest.raises(NothingToResumeError, match="No stopped build"):
        progress.rest([])
