"""Ensures that the published file is read without holding it, and that every absence has words."""

import os
import shutil

import duckdb
import pytest

from segmentation.published.served import CommandError, open_published, published_file


def test_a_missing_file_says_to_build(tmp_path):
    with pytest.raises(CommandError, match=r"no published file .*: run `make build`"):
        open_published(tmp_path).__enter__()


def test_a_file_that_is_no_database_says_to_build_again(tmp_path):
    (tmp_path / "segmentation.duckdb").write_bytes(b"x" * 5000)
    with pytest.raises(CommandError, match=r"cannot be read .*run `make build`"):
        open_published(tmp_path).__enter__()


def test_a_segmentation_of_any_table_has_a_file_of_its_own(published_folder, tmp_path):
    assert published_file(tmp_path, "club") == tmp_path / "segmentation.duckdb"
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path / "club.duckdb")
    assert published_file(tmp_path, "club") == tmp_path / "club.duckdb"
    with (
        open_published(tmp_path, "club") as published,
        pytest.raises(CommandError, match=r"club\.duckdb has no table club_segments"),
    ):
        published.table("segments")


def test_a_missing_table_names_the_segmentations_that_are_there(published_folder):
    with (
        open_published(published_folder(), "product") as published,
        pytest.raises(CommandError, match=r"no table product_segments\. .*: customer\."),
    ):
        published.table("segments")


def test_the_file_cannot_be_written(published_folder):
    with open_published(published_folder()) as published, pytest.raises(duckdb.Error):
        published.connection.execute("delete from customer_segments")


def test_a_file_swapped_between_two_uses_is_seen_at_once(published_folder, tmp_path):
    for recipe in ("numbers", "famd"):
        fresh = tmp_path / "fresh"
        shutil.copy(published_folder(recipe) / "segmentation.duckdb", fresh)
        os.replace(fresh, tmp_path / "segmentation.duckdb")
        with open_published(tmp_path) as published:
            assert f'"name": "{recipe}"' in published.recipe()


def test_only_the_active_version_counts(published_folder, tmp_path):
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute(
            "insert into customer_scaling by name select * replace ("
            "6 as model_version, 99.0 as center) from customer_scaling"
        )
    with open_published(tmp_path) as published:
        scaling = published.fitted("scaling", "position")
    assert set(scaling["model_version"]) == {7} and 99.0 not in set(scaling["center"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("update customer_segment_models set status = 'retired'", "0 active models"),
        ("update customer_segment_models set status = 'active'", "2 active models"),
        ("delete from customer_scaling", "no rows of model version 7"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(published_folder, tmp_path, change, words):
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute(change)
    with open_published(tmp_path) as published, pytest.raises(CommandError, match=words):
        published.fitted("scaling", "position")


@pytest.mark.parametrize("wanted", ["20", " 20 ", "Name of 20", "NAME OF 20", "of 20"])
def test_a_segment_is_found_by_id_name_or_part_of_its_name(published_folder, wanted):
    with open_published(published_folder()) as published:
        assert published.find_segment(wanted).segment_id == 20


@pytest.mark.parametrize(
    ("wanted", "words"),
    [("name", "fits 4 segments"), ("99", "no segment '99'.*10 = Name of 10"), ("", "no segment")],
)
def test_a_segment_that_is_not_one_lists_those_there_are(published_folder, wanted, words):
    with (
        open_published(published_folder()) as published,
        pytest.raises(CommandError, match=words),
    ):
        published.find_segment(wanted)
