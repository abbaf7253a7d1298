"""Ensures that the published file is read without holding it, and that every absence has words."""

import os
import shutil

import duckdb
import pytest

from segmentation.published.served import CommandError, open_published


def test_a_missing_file_says_to_build(tmp_path):
    with pytest.raises(CommandError, match=r"no published file .*: run `segmentation build`"):
        open_published(tmp_path).__enter__()


def test_a_file_that_is_no_database_says_to_build_again(tmp_path):
    (tmp_path / "segmentation.duckdb").write_bytes(b"x" * 5000)
    with pytest.raises(CommandError, match=r"cannot be read .*run `segmentation build`"):
        open_published(tmp_path).__enter__()


def test_a_file_of_another_layout_says_to_build_again(tmp_path):
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute("create table customer_segments as select 1 as customer_id")
    with pytest.raises(
        CommandError, match=r"published by another version.*run `segmentation build`"
    ):
        open_published(tmp_path).__enter__()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("prodcut", r"no segmentation 'prodcut'\. Published there: product, customer\."),
        ("custom", r"no segmentation 'custom'\. Published there: customer, product\."),
        ("x' or true", r"no segmentation 'x' or true'\."),
    ],
)
def test_an_unknown_segmentation_is_told_those_that_are_there_nearest_first(
    published_shop, wanted, words
):
    with pytest.raises(CommandError, match=words):
        open_published(published_shop, wanted).__enter__()


def test_a_segmentation_that_was_never_published_says_why(changed_shop):
    folder = changed_shop(
        "update segmentations set model_version = null, is_stale = true, reason = 'Only 3 rows' "
        "where segmentation = 'product'"
    )
    with pytest.raises(CommandError, match="has no segments of product yet: Only 3 rows"):
        open_published(folder, "product").__enter__()
    with open_published(folder) as published:
        assert published.segmentations() == ("customer",)


def test_a_segmentation_sees_its_own_rows_of_every_shared_table(published_shop):
    for name, ids in (("customer", {1, 2, 9}), ("product", {1, 2})):
        with open_published(published_shop, name) as published:
            for table in ("segments", "segment_profiles", "cluster_report"):
                found = published.rows(f"select segment_id from {table}")
                assert {one for (one,) in found} == ids
                assert "segmentation" not in published.columns(table)
            assert published.segmentations() == ("customer", "product")


def test_a_shared_table_without_rows_of_the_segmentation_is_there_and_empty(published_shop):
    with open_published(published_shop, "product") as published:
        assert published.has("segment_suggestions")
        assert published.rows("from segment_suggestions") == []


@pytest.mark.parametrize("name", ["customer", "product"])
def test_the_file_says_how_a_segmentations_own_tables_are_called(changed_shop, name):
    folder = changed_shop(
        f"alter table {name}_features rename to facts",
        f"alter table {name}_segments rename to found",
        f"update segmentations set features_table = 'facts', segments_table = 'found', "
        f"history_table = 'past', unit = 'companies' where segmentation = '{name}'",
    )
    with open_published(folder, name) as published:
        assert (published.features, published.members, published.history) == (
            "facts",
            "found",
            "past",
        )
        assert published.key == f"{name}_id"
        assert (published.units, published.unit) == ("companies", "company")
        assert published.has("facts") and not published.has("past")
        assert next(iter(published.columns("facts"))) == f"{name}_id"


def test_a_feature_called_segmentation_is_a_feature(changed_shop):
    folder = changed_shop("alter table customer_features add column segmentation varchar")
    with open_published(folder) as published:
        assert "segmentation" in published.columns("customer_features")
        assert len(published.rows("from customer_features")) == 120


def test_a_unit_is_called_by_its_name_without_the_plural(published_shop):
    with open_published(published_shop) as published:
        assert (published.units, published.unit) == ("customers", "customer")


def test_a_missing_table_says_to_build_again(changed_shop):
    with (
        open_published(changed_shop("drop table k_candidates")) as published,
        pytest.raises(CommandError, match=r"has no table k_candidates.*run `segmentation build`"),
    ):
        published.rows("from k_candidates")


def test_a_missing_table_has_no_columns(published_shop):
    with (
        open_published(published_shop) as published,
        pytest.raises(CommandError, match=r"has no table nothing.*run `segmentation build`"),
    ):
        published.columns("nothing")


def test_a_wrong_query_is_no_missing_table(published_shop):
    with open_published(published_shop) as published, pytest.raises(duckdb.Error):
        published.rows("select no_function(1)")


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
            "insert into scaling by name select * replace ("
            "6 as model_version, 99.0 as center) from scaling"
        )
    with open_published(tmp_path) as published:
        scaling = published.fitted("scaling", "position")
    assert set(scaling["model_version"]) == {7} and 99.0 not in set(scaling["center"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("update segment_models set status = 'retired'", "0 active customer models"),
        ("update segment_models set status = 'active'", "2 active customer models"),
        ("delete from scaling", "no rows of customer model version 7 in scaling"),
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
