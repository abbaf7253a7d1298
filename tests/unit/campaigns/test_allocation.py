"""Ensures that a draw is even, the same for ever, and the same in SQL."""

import re
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.campaigns.allocation import (
    PARTS,
    allocate,
    order_of,
    start_of,
    strata_of,
)

PAGE = Path(__file__).parents[3] / "docs" / "campaigns.md"
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True)
IDS = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=60, unique=True)


@st.composite
def shops(draw) -> tuple[str, list[str], np.ndarray, int]:
    ids = draw(IDS)
    strata = draw(st.lists(st.integers(0, 4), min_size=len(ids), max_size=len(ids)))
    return draw(NAMES), ids, np.array(strata), draw(st.integers(100, 9000))


def test_the_hash_is_md5_of_a_text_as_any_engine_makes_it():
    assert order_of("spring", "42") == "a62d85cd208985e003ef629db9ed1557"
    assert start_of("spring") == 0x2A2D % PARTS == 797


@settings(max_examples=60, deadline=None)
@given(shops())
def test_every_stratum_gives_its_share_to_less_than_one(shop):
    name, ids, strata, parts = shop
    is_control = allocate(name, ids, strata, parts)
    for stratum in {*strata.tolist()}:
        wanted = (strata == stratum).sum() * parts / PARTS
        assert abs(is_control[strata == stratum].sum() - wanted) < 1
    assert abs(is_control.sum() - len(ids) * parts / PARTS) < 1


@settings(max_examples=60, deadline=None)
@given(shops(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(shop, random):
    name, ids, strata, parts = shop
    order = list(range(len(ids)))
    random.shuffle(order)
    shuffled = allocate(name, [ids[i] for i in order], strata[order], parts)
    assert (shuffled == allocate(name, ids, strata, parts)[order]).all()


def test_draws_of_two_campaigns_have_nothing_to_do_with_each_other():
    ids, strata = [str(one) for one in range(20_000)], np.arange(20_000) % 7
    one, other = (allocate(name, ids, strata, 2000) for name in ("spring", "spring2"))
    assert abs((one & other).mean() - 0.04) < 0.005
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.025


def test_everybody_is_as_likely_a_control_as_another():
    ids, strata = [str(one) for one in range(40)], np.arange(40) // 4
    drawn = sum(allocate(f"c{one}", ids, strata, 2500).astype(int) for one in range(2000))
    assert abs(drawn / 2000 - 0.25).max() < 0.045


@settings(max_examples=60, deadline=None)
@given(IDS, st.data(), st.integers(100, 5000))
def test_a_stratum_is_of_one_segment_and_of_alike_value(ids, data, parts):
    size = len(ids)
    segments = data.draw(st.lists(st.integers(1, 3), min_size=size, max_size=size))
    values = np.array(data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)), float)
    strata = strata_of(segments, values, ids, parts)
    for stratum in set(strata[strata > 0].tolist()):
        members = strata == stratum
        assert len(set(np.array(segments)[members])) == 1
        later = (np.array(segments) == np.array(segments)[members][0]) & (strata > stratum)
        assert not later.any() or values[members].max() <= values[later].min()
        assert members.sum() * parts >= 2 * PARTS - PARTS


def test_a_value_that_is_unknown_counts_as_the_least():
    strata = strata_of([1] * 30, np.array([np.nan] * 10 + [1.0] * 20), [*map(str, range(30))], 5000)
    assert set(strata[:10]) == {1} and 1 not in strata[10:]


@pytest.mark.parametrize("name", ["spring", "thanks", "autumn_24"])
def test_the_statement_of_the_page_draws_the_same_read_as_duckdb_and_as_spark(name):
    (statement,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    ids, strata = [f"{one}-ä" for one in range(500)], np.arange(500) % 6
    expected = dict(zip(ids, allocate(name, ids, strata, 2000).tolist(), strict=True))
    asked = statement.replace(":campaign", f"'{name}'").replace(":parts", "2000")
    (of_spark,) = sqlglot.transpile(asked, read="spark", write="duckdb")
    with duckdb.connect() as connection:
        connection.register("drawn", pa.table({"customer_id": ids, "stratum": strata}))
        for query in (asked, of_spark):
            assert dict(connection.execute(query).fetchall()) == expected
    assert not list(sqlglot.parse_one(asked, read="spark").find_all(sqlglot.exp.Anonymous))
