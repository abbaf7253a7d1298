"""Ensures that audiences made in memory are those of the command."""

import hashlib
import json
import shutil

import duckdb
import pytest

from segmentation.cli.main import main
from segmentation.features.written_rules import rules_of
from segmentation.published.audiences import Filters, audience
from segmentation.published.exploring import (
    alternatives,
    counted_by_rules,
    date_spans,
    download,
    feature_kinds,
    filter_levels,
    preview,
    upper_fifth,
)
from segmentation.published.served import CommandError, open_published


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_a_download_is_the_file_that_export_writes(published_folder, tmp_path, kind):
    folder = published_folder()
    main(["export", "--serving", str(folder), "--segment", "10", "--out", str(tmp_path),
          "--format", kind, "--where", "country=Brasil"])  # fmt: skip
    with open_published(folder) as published:
        segment = published.find_segment("10")
        made = download(published, segment, Filters(where={"country": ("Brasil",)}), kind)
    assert made.content == (tmp_path / made.name).read_bytes()
    assert made.manifest == (tmp_path / made.manifest_name).read_bytes()
    assert json.loads(made.manifest)["sha256"] == hashlib.sha256(made.content).hexdigest()


def test_pseudonyms_replace_ids(published_folder):
    with open_published(published_folder()) as published:
        made = download(published, published.segments()[0], Filters(), "csv", key=b"x" * 32)
    assert made.content.startswith(b"customer_pseudonym,")
    assert json.loads(made.manifest)["is_pseudonymised"]


def test_a_preview_goes_on_where_the_one_before_ended(published_folder):
    with open_published(published_folder()) as published:
        segment = published.segments()[0]
        whole = preview(published, segment, Filters(), 6)
        pages = [preview(published, segment, Filters(), 3, offset) for offset in (0, 3)]
        assert date_spans(published) == {}
    found = [key for page in pages for key in page["customer_id"]]
    assert found == whole["customer_id"].tolist()
    assert {page.attrs["rows"] for page in pages} == {whole.attrs["rows"]}


def test_rules_are_counted_with_what_they_are_worth(published_folder):
    with open_published(published_folder()) as published:
        kinds = feature_kinds(published)
        assert kinds["country"] == "category" and kinds["total_spend"] == "number"
        assert published.key not in kinds
        bound = upper_fifth(published, "total_spend")
        rows = [
            (2, "High", "total_spend", ">=", f"{bound}"),
            (5, "Brasil", "country", "=", "Brasil"),
            (6, "High", "total_orders", ">", "1000000"),
        ]
        columns = ("position", "segment_name", "feature", "operator", "value")
        rules = rules_of(dict(zip(columns, row, strict=True)) for row in rows)
        found = counted_by_rules(published, rules)
        expected = published.rows(
            "select case when total_spend >= ? then 'High' when country = 'Brasil' then 'Brasil' "
            "end as name, count(*), sum(cast(total_spend as decimal(18, 2))) "
            f"from {published.features} group by name",
            [bound],
        )
    shown = {row.segment_name: (row.units, row.revenue) for row in found.itertuples()}
    assert list(found["segment_name"])[:2] == ["High", "Brasil"]
    assert found["segment_name"].isna().tolist() == [False, False, True]
    assert found["share"].sum() == pytest.approx(1) == found["revenue_share"].sum()
    for name, units, revenue in expected:
        key = name if name else next(one for one in shown if one not in ("High", "Brasil"))
        assert shown[key] == (units, pytest.approx(float(revenue)))


def test_a_preview_shows_the_surest_first_and_counts_all(published_folder):
    with open_published(published_folder()) as published:
        segment = published.segments()[0]
        rows = preview(published, segment, Filters(), 3)
        assert rows.attrs["rows"] == audience(published, segment, Filters()).num_rows
    assert list(rows.columns[:2]) == ["customer_id", "confidence"]
    assert len(rows) == 3
    assert rows["confidence"].is_monotonic_decreasing


def test_a_filter_that_leaves_nobody_is_told(published_folder):
    with open_published(published_folder()) as published, pytest.raises(CommandError):
        preview(published, published.segments()[0], Filters(where={"country": ("Mars",)}), 3)


def test_filters_offer_the_levels_of_the_segment(published_folder):
    with open_published(published_folder()) as published:
        segment = published.segments()[0]
        levels = filter_levels(published, segment)
        for name, found in levels.items():
            rows = published.rows(
                f"select distinct {name} from customer_features "
                "join customer_segments using (customer_id) where segment_id = ?",
                [segment.segment_id],
            )
            assert set(found) == {level for (level,) in rows if level is not None}


def test_alternatives_have_sizes_shares_and_means_of_the_models_numbers(published_folder, tmp_path):
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute(
            """
            create table k_alternatives as
            select
                'customer' as segmentation, model_version, cast(customer_id as varchar) as unit_id,
                2 as k, false as is_selected, if(customer_id < 100, 1, 2) as segment,
                'half ' || if(customer_id < 100, 1, 2) as segment_name
            from (select customer_id from customer_segments)
            cross join (values (6), (7)) as t(model_version)
            union all
            select 'other', 7, '3', 2, false, 1, 'somebody else''s'
            """
        )
        wanted = connection.execute(
            "select customer_id < 100, count(*), avg(total_spend) from customer_segments "
            "inner join customer_features using (customer_id) group by 1 order by 1 desc"
        ).fetchall()
    with open_published(tmp_path) as published:
        found = alternatives(published)
    assert list(found["segment_name"]) == ["half 1", "half 2"]
    assert list(found["size"]) == [size for _, size, _ in wanted]
    assert found["share"].sum() == pytest.approx(1)
    assert list(found["mean_total_spend"]) == pytest.approx([mean for *_, mean in wanted])


def test_without_stored_alternatives_there_are_none(published_folder):
    with open_published(published_folder()) as published:
        assert alternatives(published).empty
