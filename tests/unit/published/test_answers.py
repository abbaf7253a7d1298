"""Ensures that answers for people are those of the commands, with defaults people would expect."""

import shutil

import duckdb
import numpy as np
import pytest

from segmentation.published.answers import (
    explain_row,
    find_row,
    form_fields,
    neighbours_of,
    predict_values,
)
from segmentation.published.scoring import SIZE_AND_SPREAD, load_model
from segmentation.published.served import CommandError, open_published


def test_a_form_asks_for_the_models_inputs_with_medians_and_known_levels(published_folder):
    with open_published(published_folder("famd")) as published:
        fields = {field.name: field for field in form_fields(published)}
        ((median,),) = published.rows("select median(total_spend) from customer_features")
    assert list(fields) == ["total_orders", "total_spend", "return_rate", "country", "brand"]
    assert fields["total_spend"].default == pytest.approx(median, abs=0.005)
    assert fields["country"].levels[0] == fields["country"].default == "Brasil"
    assert "(missing)" not in fields["brand"].levels
    assert not fields["total_spend"].is_category


@pytest.mark.parametrize("recipe", ["numbers", "famd", "label_fill", "mixture"])
def test_the_values_of_a_row_lead_to_its_segment_and_to_itself(published_folder, recipe):
    with open_published(published_folder(recipe)) as published:
        record = find_row(published, "33")
        answer = predict_values(published, record.features, neighbours=3)
        explained = explain_row(published, record)
    assert answer.segment_id == record.segment_id == explained.segment_id
    assert answer.confidence == pytest.approx(record.confidence)
    assert answer.neighbours["customer_id"].iloc[0] == 33
    assert answer.neighbours["scaled_distance"].iloc[0] == pytest.approx(0, abs=1e-9)
    assert list(answer.neighbours["rank"]) == [1, 2, 3]
    assert np.all(np.diff(answer.contributions["contribution"].abs()) <= 0)
    assert explained.neighbours.empty


def test_a_mixture_answers_with_a_probability_and_bars_that_add_up(published_folder):
    with open_published(published_folder("mixture")) as published:
        answer = explain_row(published, find_row(published, "33"))
        ((probability,),) = published.rows(
            "select probability from customer_segments where customer_id = 33"
        )
    assert answer.probability == pytest.approx(probability)
    parts = answer.contributions.set_index("feature")
    assert SIZE_AND_SPREAD in parts.index and len(parts) == 4
    assert answer.confidence == pytest.approx(1 - np.exp(-parts["contribution"].sum()))


def test_neighbours_of_values_are_those_of_the_row_that_has_them(published_folder):
    with open_published(published_folder("famd")) as published:
        record = find_row(published, "33")
        answer = predict_values(published, record.features, neighbours=4)
        found = neighbours_of(published, "33", 3)
    others = found.loc[found["measure"] == "distance", "customer_id"]
    assert list(answer.neighbours["customer_id"]) == [33, *others]


def test_values_that_get_no_segment_say_why(published_folder):
    with open_published(published_folder("famd_drop")) as published:
        answer = predict_values(published, {"total_spend": 5})
    assert answer.segment_id is None
    assert "no value for" in answer.notes
    assert answer.contributions.empty
    assert answer.neighbours.empty


@pytest.mark.parametrize("identifier", ["nobody", "1.5", "5.6", "0x6", "6e0", "06"])
def test_an_unknown_row_is_told(published_folder, identifier):
    with (
        open_published(published_folder()) as published,
        pytest.raises(CommandError, match=f"There is no customer {identifier} in "),
    ):
        find_row(published, identifier)


def test_a_form_knows_the_range_of_its_numbers(published_folder):
    with open_published(published_folder("famd")) as published:
        fields = {field.name: field for field in form_fields(published)}
        ((lowest, highest),) = published.rows(
            "select min(total_orders), max(total_orders) from customer_features"
        )
    assert (fields["total_orders"].lowest, fields["total_orders"].highest) == (lowest, highest)
    # The made-up amounts have gaps.
    assert 0 <= fields["total_spend"].lowest < fields["total_spend"].highest < 1e6
    assert fields["country"].lowest is None


def test_what_is_missing_is_explained_by_what_it_was_filled_with(published_folder):
    with open_published(published_folder("famd")) as published:
        answer = predict_values(published, {"total_orders": 3, "total_spend": None})
        fills = {one.name: one.fill_value for one in load_model(published).inputs}
    values = answer.contributions.set_index("feature")["value"]
    assert values["total_orders"] == 3
    assert values["total_spend"] == fills["total_spend"] > 0
    assert values["return_rate"] == fills["return_rate"]
    assert values["country"] == "(missing)"


@pytest.mark.parametrize("segmentation", ["customer", "product"])
def test_a_row_is_found_with_its_history_and_the_names_others_give_it(
    published_folder, tmp_path, segmentation
):
    """The names are customers': a product of the same id has none."""
    shutil.copy(
        published_folder(segmentation=segmentation) / "segmentation.duckdb",
        tmp_path / "segmentation.duckdb",
    )
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute(
            f"""
            create table customer_rfm as select 33 as customer_id, 'Loyal' as rfm_cell;
            create table customer_baskets as select 33 as customer_id, 'Jeans' as component_name;
            create table {segmentation}_segment_history as
            select {segmentation}_id, segment_id, segment_name, valid_from, valid_to, cause
            from {segmentation}_segments
            cross join (values
                (date '2023-03-01', null, 'behaviour'),
                (date '2023-01-01', date '2023-03-01', 'joined')
            ) as t(valid_from, valid_to, cause)
            """
        )
    with open_published(tmp_path, segmentation) as published:
        record = find_row(published, "33")
    assert list(record.history["cause"]) == ["joined", "behaviour"]
    assert (record.key, record.features["total_orders"] > 0) == ("33", True)
    named = {"RFM cell": "Loyal", "Typical basket": "Jeans"}
    assert record.labels == (named if segmentation == "customer" else {})
