"""Ensures that a build of large files runs one model at a time, unless users say otherwise."""

import os

import pytest

from segmentation.building import run


@pytest.mark.parametrize(
    "size, given, used",
    [(10, None, None), (11, None, "1"), (11, "4", "4")],
    ids=["small", "large", "said"],
)
def test_large_files_are_built_one_model_at_a_time(tmp_path, monkeypatch, size, given, used):
    monkeypatch.setattr(run, "LARGE", 10)
    monkeypatch.setattr(os, "environ", {"SEGMENTATION_RAW_PATH": str(tmp_path)})
    if given:
        os.environ["SEGMENTATION_THREADS"] = given
    (tmp_path / "orders.csv").write_bytes(b"x" * size)
    run._share_memory()
    assert os.environ.get("SEGMENTATION_THREADS") == used


def test_without_a_folder_nothing_is_large(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    run._share_memory()
    assert os.environ == {}
