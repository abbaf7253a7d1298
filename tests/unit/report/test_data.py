"""Ensures that the report reads the published tables rightly and copes with those that lack."""

import hashlib

import pytest

from segmentation.campaigns.results import results
from segmentation.published.served import CommandError, open_published
from segmentation.report import data, data_shop, data_space, data_trust, sections_value

OPTIONAL_READERS = {
    "cluster_report": data.top_values,
    "segment_profiles": data.profiles,
    "segment_suggestions": data.suggestions,
    "k_candidates": data.k_candidates,
    "k_alternative_flows": data.k_flows,
    "exclusions": data.exclusions,
    "data_quality": data.data_quality,
    "customer_segments": data_space.map_points,
    "centroids": data_space.centroids,
    "loadings": data_space.loadings,
    "segment_map": data_space.neighbour_map,
    "segment_pairs": data_trust.pairs,
    "segment_stability": data_trust.stability,
    "segmentation_quality": data_trust.quality,
    "algorithm_comparison": data_trust.algorithms,
    "feature_correlations": data_trust.correlations,
    "segment_drift": data_trust.drift,
    "segment_sizes": data_trust.sizes_over_time,
    "segment_migrations": data_trust.migrations,
    "segment_agreement": data_trust.agreement,
    "segment_predictive_value": sections_value.judged,
    "predictive_value_by_group": sections_value.groups,
    "segment_value_forecast": sections_value.stakes,
    "campaign_results": results,
    "customer_rfm_by_segment": data_shop.rfm_by_segment,
    "segment_retention": data_shop.retention,
    "basket_components": data_shop.baskets,
    "customer_baskets": data_shop.baskets_by_segment,
}


@pytest.fixture
def shop(published_shop):
    with open_published(published_shop) as published:
        yield published


def test_every_table_that_is_there_is_read(shop):
    assert [table for table, reader in OPTIONAL_READERS.items() if reader(shop).empty] == []


@pytest.mark.parametrize("change", ["drop table {}", "delete from {}"])
def test_a_table_that_is_absent_or_empty_is_an_empty_frame(change, changed_shop):
    folder = changed_shop(*(change.format(table) for table in OPTIONAL_READERS))
    with open_published(folder) as published:
        full = [table for table, reader in OPTIONAL_READERS.items() if not reader(published).empty]
    assert full == []


def test_the_date_is_that_of_the_data_published_not_the_newest_ever_built(changed_shop):
    folder = changed_shop("update segmentations set as_of_date = date '2024-01-31'")
    with open_published(folder) as published:
        assert data.overview(published).as_of_date.isoformat() == "2024-01-31"


def test_the_overview_is_that_of_the_serving_version(shop):
    found = data.overview(shop)
    assert (found.rows, found.excluded, found.segments) == (120, 3, 3)
    assert (found.model_version, found.silhouette) == (2, 0.5)
    assert found.as_of_date.isoformat() == "2024-02-29"
    assert found.has_structure is True
    assert found.verdict == "Structure: the <density> falls by 80 % between groups."
    assert found.prediction == "Fitted to <then>, the 20 % brought 63 %."
    assert found.notice is None


@pytest.mark.parametrize(
    ("day", "reason", "told"),
    [
        ("2024-01-31", "wine has too few wines (2). Bring more data.",
         "those of 2024-01-31 are shown: wine has too few wines (2). Bring more data."),
        ("1970-01-01", None, "the earlier ones are shown."),
    ],
    ids=["dated, with a reason", "neither"],
)  # fmt: skip
def test_segments_that_a_build_left_as_they_were_are_called_so(changed_shop, day, reason, told):
    quoted = f"'{reason}'" if reason else "null"
    folder = changed_shop(
        f"update segmentations set is_stale = true, reason = {quoted}, as_of_date = date '{day}'"
    )
    with open_published(folder) as published:
        notice = data.overview(published).notice
    assert notice == f"The last build could not renew these segments, so {told}"


def test_without_a_test_of_structure_the_verdict_says_so(changed_shop):
    with open_published(changed_shop("delete from segmentation_quality")) as published:
        found = data.overview(published)
    assert found.has_structure is None
    assert "was not tested" in found.verdict
    assert found.prediction is None


def test_an_older_publication_without_a_prediction_has_none(changed_shop):
    folder = changed_shop("alter table segmentation_quality drop column prediction")
    with open_published(folder) as published:
        assert data.overview(published).prediction is None


def test_predictors_are_in_order_and_segments_best_first(shop):
    assert sections_value.judged(shop)["predictor"].tolist() == [
        *("segments", "rfm_cells", "spend_fifths", "forecast")
    ]
    assert sections_value.groups(shop)["group_name"].tolist() == [
        *("Many orders", "Few <b>orders</b>")
    ]


def test_where_nobody_bought_there_is_nothing_to_draw(changed_shop):
    with open_published(changed_shop("update segment_predictive_value set value = null")) as shop:
        assert sections_value.judged(shop).empty


def test_segments_have_size_and_revenue(shop):
    found = data.segments(shop)
    assert found["size"].tolist() == [60, 40, 20]
    assert found["value"].tolist() == [600.0, 1200.0, 4000.0]
    assert found["value_share"].tolist() == pytest.approx([600 / 5800, 1200 / 5800, 4000 / 5800])
    assert data.value_label(found) == "revenue"


def test_a_segmentation_without_money_has_no_revenue(changed_shop):
    folder = changed_shop("update segments set revenue = null, revenue_share = null")
    with open_published(folder) as published:
        found = data.segments(published)
    assert found["value_share"].isna().all()
    assert data.value_label(found) == "value"


def test_one_file_shows_each_segmentation_its_own_rows(published_shop):
    with open_published(published_shop, "product") as published:
        assert data.segments(published)["segment_name"].tolist() == ["Cheap <b>", "Dear"]
        assert data.k_candidates(published)["k"].tolist() == [2, 3]
        assert data.models(published)["recipe_name"].tolist() == ["product"]
        assert data.exclusions(published).empty


WINE = (
    "insert into segmentations by name select * replace ('wine' as segmentation, 'wines' as unit) "
    "from segmentations where segmentation = 'product'",
    "insert into segment_models select * replace ('wine' as segmentation) from segment_models "
    "where segmentation = 'product'",
)


def test_what_was_wrong_in_the_shops_source_says_nothing_of_another_table(changed_shop):
    folder = changed_shop(*WINE)
    with open_published(folder, "product") as published:
        assert len(data.data_quality(published)) == 1
    with open_published(folder, "wine") as published:
        assert data.data_quality(published).empty


def test_profiles_leave_out_the_key_and_features_without_values(shop):
    assert set(data.profiles(shop)["feature"]) == {"total_spend", "return_rate"}


def test_retention_counts_only_customers_whose_window_has_passed(shop):
    found = data_shop.retention(shop).set_index("segment_id")
    assert found["customers"].to_dict() == {1: 50, 2: 40}
    assert found["retention_rate"].to_dict() == {1: 0.2, 2: 0.75}


def test_migrations_are_those_of_the_newest_date_that_has_an_earlier_one(shop, changed_shop):
    found = data_trust.migrations(shop)
    assert set(found["as_of_date"].astype(str)) == {"2024-02-29"}
    assert found["size"].sum() == 125
    only_joiners = "delete from segment_migrations where from_segment_id is not null"
    with open_published(changed_shop(only_joiners)) as published:
        assert data_trust.migrations(published).empty


def test_data_quality_names_what_was_wrong_only(shop):
    assert data.data_quality(shop)["check_name"].tolist() == ["exact duplicate"]


def test_the_map_draws_the_rows_with_the_smallest_md5_by_segment(shop):
    drawn = data_space.map_points(shop, limit=30)
    keys = sorted(range(1, 61), key=lambda key: hashlib.md5(str(key).encode()).hexdigest())
    rows = shop.rows("select components[1] from customer_segments where customer_id = ?", [keys[0]])
    first = drawn[(drawn["segment_id"] == 1) & (drawn["rank"] == 1)]
    assert first["x"].iloc[0] == pytest.approx(rows[0][0])


def test_the_map_keeps_all_of_few_and_a_bounded_share_of_many(changed_shop):
    folder = changed_shop(
        """
        create or replace table customer_segments as
        select
            id as customer_id, if(id < 90000, 1, if(id < 99980, 2, 3)) as segment_id,
            [id * 1.0, 2.0] as components
        from range(100000) as t(id)
        """
    )
    with open_published(folder) as published:
        drawn = data_space.map_points(published, limit=2_000)
        again = data_space.map_points(published, limit=2_000)
    assert drawn.groupby("segment_id").size().to_dict() == {1: 1800, 2: 200, 3: 20}
    assert drawn["z"].isna().all()
    assert drawn.equals(again)
    fewer = data_space.thinned(drawn, 500)
    assert fewer.groupby("segment_id").size().to_dict() == {1: 445, 2: 49, 3: 20}


def test_a_file_without_segments_is_one_sentence(changed_shop):
    folder = changed_shop("drop table segments")
    with open_published(folder) as published, pytest.raises(CommandError, match="has no table"):
        data.segments(published)
