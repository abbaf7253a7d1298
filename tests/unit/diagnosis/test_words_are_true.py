"""Ensures that no word about a segment contradicts its numbers, over random shops and tables.

Every phrase is read again here, by its form, and held against the units by plain arithmetic. A
phrase of a form that is not known fails.
"""

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segmentation.diagnosis.advice import advise, describe, problems_of
from segmentation.diagnosis.naming import name_segments, untrue_claims
from segmentation.diagnosis.rules import fit_rules, measure_rules
from segmentation.diagnosis.traits import Portraits
from segmentation.diagnosis.wording import Column, values_of
from segmentation.features.recipe import Feature
from tests.recipes import make_recipe

SEEDS = Path(__file__).parents[3] / "seeds"
SHOP = (
    Column("days_since_last_order", "number", True, "days since last order"),
    Column("kept_orders", "number", True, "kept orders"),
    Column("average_order_value", "number", label="order value", is_money=True),
    Column("total_orders", "number", True, "orders"),
    Column("total_spend", "number", label="spend", is_money=True),
    Column("return_rate", "number", label="return rate"),
    Column("cancellation_rate", "number", label="cancellation rate"),
    Column("days_since_first_order", "number", True, "days since first order"),
    Column("margin_rate", "number", label="margin rate"),
    Column("country", "category", label="country"),
    Column("newsletter", "category", label="newsletter"),
)
TABLE = (
    Column("nianling", "number", label="年龄"),
    Column("complaints", "number", True, "complaints"),
    Column("share_x", "number", label='part "x"'),
    Column("vip", "number", True, "VIP"),
    Column("visits", "number", True, "visits made"),
    Column("chengshi", "category", label="Город {1}"),
    Column("channel", "category", label="Channel"),
)
LEVELS = ["北京", "Côte d'Ivoire", 'the "North"', "(missing)"]
KINDS = {
    "orders=one": lambda own: own["orders"] <= 1,
    "orders=few": lambda own: 1 < own["orders"] < 4,
    "orders=many": lambda own: own["orders"] >= 4,
    "recency=active": lambda own: own["days"] <= 1.2 * own["gap"] + 1,
    "recency=due": lambda own: own["gap"] <= own["days"] <= 2.4 * own["gap"] + 1,
    "recency=lapsed": lambda own: own["days"] > 2 * own["gap"] - 1,
    "orders=none": lambda own: own["kept"] <= 0.5,
}


def random_shop(draw: np.random.Generator, rows: int) -> pd.DataFrame:
    orders = draw.geometric(draw.uniform(0.2, 0.9), rows).astype(float)
    kept = draw.binomial(orders.astype(int), draw.uniform(0.5, 1)).astype(float)
    last = draw.integers(0, draw.integers(20, 700), rows).astype(float)
    value = draw.lognormal(draw.uniform(0, 6), draw.uniform(0.1, 1.5), rows).round(2)
    value[kept == 0] = np.nan
    gaps = draw.integers(1, 90, rows)
    rate = np.where(draw.random(rows) < 0.7, 0, draw.choice([0.25, 0.5, 1], rows))
    return pd.DataFrame(
        {
            "days_since_last_order": last,
            "kept_orders": kept,
            "average_order_value": value,
            "total_orders": orders,
            "total_spend": np.nan_to_num(value * kept).round(2),
            "return_rate": np.where(kept == 0, np.nan, rate),
            "cancellation_rate": 1 - kept / orders,
            "days_since_first_order": last + gaps * (orders - 1),
            "margin_rate": draw.beta(draw.uniform(1, 9), 5, rows),
            "country": draw.choice(LEVELS, rows, p=draw.dirichlet([1] * 4)),
            "newsletter": draw.choice(["true", "false", "(missing)"], rows),
        }
    )


def random_table(draw: np.random.Generator, rows: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "nianling": draw.normal(40, 15, rows),
            "complaints": draw.poisson(draw.uniform(0, 4), rows).astype(float),
            "share_x": draw.beta(0.3, 2, rows),
            "vip": draw.integers(0, 2, rows).astype(float),
            "visits": 1.0 + draw.poisson(draw.uniform(0, 2), rows),
            "chengshi": draw.choice(LEVELS, rows),
            "channel": draw.choice(["1", "2", "3"], rows),
        }
    )
    frame.loc[draw.random(rows) < draw.uniform(0, 0.6), "nianling"] = np.nan
    return frame


def random_segments(draw: np.random.Generator, frame: pd.DataFrame, k: int) -> np.ndarray:
    """Return segments that follow the first columns, some features at random, and some luck."""
    coded = [
        pd.factorize(frame[name])[0]
        if frame[name].dtype == object or str(frame[name].dtype) == "str"
        else frame[name].fillna(frame[name].median())
        for name in draw.permutation(frame.columns)[:4]
    ]
    ranks = np.column_stack([pd.Series(one).rank(pct=True) for one in coded])
    places = draw.random((k, ranks.shape[1]))
    found = ((ranks[:, None] - places[None]) ** 2).sum(axis=2).argmin(axis=1) + 1
    found[: 3 * k] = np.repeat(np.arange(1, k + 1), 3)
    return found


class Segment:
    """One segment of a table, and the rest."""

    def __init__(self, frame: pd.DataFrame, inside: np.ndarray, columns: tuple[Column, ...]):
        self.frame, self.inside = frame, inside
        self.labels = {column.label: column.name for column in columns}

    def shares(self, found: pd.Series) -> tuple[float, float]:
        rest = found[~self.inside]
        return found[self.inside].mean(), rest.mean() if len(rest) else 0.0

    def most(self, found: pd.Series, phrase: str) -> None:
        own, rest = self.shares(found)
        assert own >= 0.5 and (own > rest or rest == 0), f"{phrase}: {own:.2f}, others {rest:.2f}"

    def near(self, name: str, text: str, phrase: str) -> None:
        median = self.frame[name][self.inside].median()
        told = float(text.replace(",", "").removesuffix(" %")) / (100 if "%" in text else 1)
        assert abs(told - median) <= 0.051 * abs(median) + 1e-9, f"{phrase}: {median}"

    def apart(self, name: str, phrase: str, sign: int) -> None:
        values = self.frame[name]
        own, rest = values[self.inside].dropna(), values[~self.inside].dropna()
        assert sign * (own.mean() - rest.mean()) > 0, f"{phrase}: mean"
        assert sign * (own.median() - rest.median()) >= 0, f"{phrase}: median"


def gap_of(frame: pd.DataFrame) -> float:
    """Return the median days between two orders; unknown where fewer than 20 customers tell.

    Of two in the middle it is the lower, as the words have it: a pause that somebody made.
    """
    several = frame[(frame["total_orders"] > 1)]
    span = several["days_since_first_order"] - several["days_since_last_order"]
    gaps = (span / (several["total_orders"] - 1))[span > 0]
    return max(1.0, gaps.quantile(0.5, interpolation="lower")) if len(gaps) >= 20 else np.nan


def check(phrase: str, one: Segment) -> None:
    """Hold one phrase against the units."""
    frame, bare = one.frame, re.sub(r" \(\d\)$", "", phrase)
    for told in (phrase[0].lower() + phrase[1:], phrase, bare[0].lower() + bare[1:], bare):
        for form, reader in FORMS:
            found = re.fullmatch(form, told)
            if found and reader(one, frame, phrase, *found.groups()):
                return
    raise AssertionError(f"'{phrase}' is no phrase that is known.")


def counted(one, frame, phrase, least, most, what):
    several = re.sub(r"(?= made$)|$", "s", what, count=1)
    name = one.labels.get(what) or one.labels.get(several)
    if name is None:
        return False
    one.most(frame[name].between(least, most), phrase)
    return True


def days(one, frame, phrase, least, most, name="days_since_last_order"):
    one.most(frame[name].between(least, most), phrase)
    return True


def lately(one, frame, phrase, told):
    gap = gap_of(frame)
    assert not float(told) > 2.4 * gap + 1, f"{phrase}: lapsed after two gaps of {gap}"
    return days(one, frame, phrase, 0, float(told))


def margin(one, frame, phrase, word, told):
    one.near("margin_rate", told, phrase)
    if word:
        one.apart("margin_rate", phrase, 1 if word == "higher" else -1)
    return True


def level(one, frame, phrase, word, told):
    for label, name in one.labels.items():
        if frame[name].dtype == float and set(frame[name].dropna()) <= {0, 1} and label in told:
            one.most(frame[name] == (0.0 if told.startswith("no ") else 1.0), phrase)
            return True
        if frame[name].dtype == float:
            continue
        texts = frame[name].astype(str)
        if told in (label, f"no {label}"):
            one.most(texts == ("false" if told.startswith("no ") else "true"), phrase)
            return True
        plain = told.removeprefix(f"{label} ")
        if (texts == plain).any():
            own, rest = one.shares(texts == plain)
            assert own > rest and (own >= 0.5 or word != "mostly"), f"{phrase}: {own}, {rest}"
            return True
    return False


def measured(one, frame, phrase, word, label, told):
    name = one.labels.get(label)
    if name is None or frame[name].dtype != float:
        return False
    one.near(name, told, phrase)
    if word in ("low", "high"):
        one.apart(name, phrase, 1 if word == "high" else -1)
    if word == "middle":
        assert one.inside.mean() < 1
    return True


def ranged(one, frame, phrase, label, low, high):
    quartiles = frame[one.labels[label]][one.inside].quantile([0.25, 0.75])
    for told, quartile in zip((low, high), quartiles, strict=True):
        number = float(told.replace(",", "").removesuffix(" %")) / (100 if "%" in told else 1)
        spread = quartiles.diff().iloc[1]
        assert abs(number - quartile) <= 0.06 * abs(quartile) + 0.3 * spread + 0.01, phrase
    return True


def none_of(one, frame, phrase, label):
    name = one.labels.get(label)
    if name is None or frame[name].dtype != float:
        return False
    one.most(frame[name] == 0, phrase)
    return True


def unknown(one, frame, phrase, label):
    if label not in one.labels:
        return False
    values = frame[one.labels[label]]
    one.most(values.isna() | (values.astype(str) == "(missing)"), phrase)
    return True


def median_of(name):
    def reader(one, frame, phrase, told):
        one.near(name, told, phrase)
        return True

    return reader


N = r"([\d,.]+(?: %)?)"
FORMS = [
    (r"one (\w[\w ]*)", lambda o, f, p, w: counted(o, f, p, 1, 1, w)),
    (r"no ((?:kept )?orders|complaints)", lambda o, f, p, w: counted(o, f, p, 0, 0, w)),
    (r"(\d+) ((?:kept )?orders|complaints)",
     lambda o, f, p, a, w: counted(o, f, p, int(a), int(a), w)),
    (r"(\d+)\+ (\w[\w ]*)", lambda o, f, p, a, w: counted(o, f, p, int(a), 1e9, w)),
    (r"(\d+)–(\d+) (\w[\w ]*)", lambda o, f, p, a, b, w: counted(o, f, p, int(a), int(b), w)),
    (r"up to (\d+) (\w[\w ]*)", lambda o, f, p, b, w: counted(o, f, p, -1e9, int(b), w)),
    (r"lapsed(?:, no order for .* days)?", lambda o, f, p: days(o, f, p, 2 * gap_of(f), 1e9)),
    (r"active", lambda o, f, p: days(o, f, p, 0, gap_of(f) + 1)),
    (r"ordered within " + N + r" days", lambda o, f, p, a: days(o, f, p, 0, float(a))),
    (r"ordered in the last " + N + r" days", lately),
    (r"(?:no order|none) for " + N + r" days", lambda o, f, p, a: days(o, f, p, float(a), 1e9)),
    (r"last order (\d+)–(\d+) days ago", lambda o, f, p, a, b: days(o, f, p, float(a), float(b))),
    (r"new in the last " + N + r" days",
     lambda o, f, p, a: days(o, f, p, 0, float(a.replace(",", "")), "days_since_first_order")),
    (r"known for over " + N + r" days",
     lambda o, f, p, a: days(o, f, p, float(a.replace(",", "")), 1e9, "days_since_first_order")),
    (r"known for " + N + "–" + N + r" days", lambda o, f, p, a, b: days(
        o, f, p, float(a.replace(",", "")), float(b.replace(",", "")), "days_since_first_order")),
    (r"()about " + N + r" ((?:kept )?orders|complaints)",
     lambda o, f, p, w, m, what: measured(o, f, p, w, what, m)),
    (r"about " + N + " an order", median_of("average_order_value")),
    (r"spent about " + N, median_of("total_spend")),
    (r"(?:few )?returns (?:\(|about )" + N + r"\)?", median_of("return_rate")),
    (r"(?:few cancellations|cancels) (?:\(|about )" + N + r"\)?", median_of("cancellation_rate")),
    (r"(lower|higher) margin \(" + N + r"\)", margin),
    (r"()margin about " + N, margin),
    (r"no returns", lambda o, f, p: o.most(f["return_rate"] == 0, p) is None),
    (r"no cancellations", lambda o, f, p: o.most(f["cancellation_rate"] == 0, p) is None),
    (r"nothing (?:kept|delivered)",
     lambda o, f, p: o.most(f["average_order_value"].isna(), p) is None),
    (r"(mostly|more) (.*)", level),
    (r"()((?:no )?(?:newsletter|VIP))", level),
    (r"(low|high|middle) (.*) \(" + N + r"\)", measured),
    (r"(.*) (low|high|middle) \(" + N + r"\)",
     lambda o, f, p, label, w, a: measured(o, f, p, w, label, a)),
    (r"()(.*) about " + N, measured),
    (r"(.*) " + N + " to " + N, ranged),
    (r"()(.*?) " + N, measured),
    (r"last order " + N + " days ago", median_of("days_since_last_order")),
    (r"known for " + N + " days", median_of("days_since_first_order")),
    (r"no (.*)", none_of),
    (r"(.*) unknown", unknown),
    (r"()(.*)", level),
]  # fmt: skip


def seed_rules() -> pd.DataFrame:
    with (SEEDS / "suggestion_rules.csv").open(encoding="utf-8", newline="") as file:
        return pd.DataFrame(list(csv.DictReader(file)))


RULES = seed_rules()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7), st.booleans())
@example(318299, 4, True)  # The middle pauses are 45 and 47 days.
@example(3839, 1, True)  # Fifteen customers of 164 ordered twice: no gap is known.
def test_every_word_is_true_of_its_segment(seed, k, is_shop):
    draw = np.random.default_rng(seed)
    columns, make = (SHOP, random_shop) if is_shop else (TABLE, random_table)
    frame = make(draw, int(draw.integers(120, 900)))
    segments = random_segments(draw, frame, k)
    fitted = [columns[place] for place in (0, draw.choice([1, 3]), 2)]
    features = tuple(Feature(one.name, one.kind, "log1p" if one.kind == "number" else "none")
                     for one in fitted)  # fmt: skip
    portraits = Portraits.of(frame, segments, columns, make_recipe("r", features))
    named = name_segments(portraits)
    assert named["segment_name"].is_unique and named["segment_id"].tolist() == list(range(1, k + 1))
    advice = {one.segment_id: one for one in advise(portraits, RULES, "customer", "customers")}
    rules = fit_rules(frame, segments, fitted)
    assert [rule.segment_id for rule in rules] == sorted(advice) == list(range(1, k + 1))
    measured_rules = measure_rules(rules, values_of(frame, columns), segments, np.ones(len(frame)))
    for row, rule in zip(named.itertuples(), rules, strict=True):
        one = Segment(frame, segments == row.segment_id, columns)
        assert not untrue_claims(portraits, row.segment_id, row.claims)
        for phrase in row.segment_name.replace(", ", " · ").split(" · "):
            check(phrase, one)
        check_description(describe(portraits, row.segment_id), one)
        check_rule(rule, measured_rules.loc[row.segment_id - 1], one)
        if is_shop:
            check_advice(advice[row.segment_id], one, fitted[1].name)
    texts = [one.suggestion for one in advice.values()]
    assert len(set(texts)) == len(texts)


def check_description(text: str, one: Segment) -> None:
    for statement in text.removeprefix("like the others in most: ").split("; "):
        form = r"(.*): (?:over |under )?(\d+) % of them, (?:over |under )?(\d+) % of the others"
        shares = re.fullmatch(form, statement)
        if shares:
            assert int(shares[2]) >= int(shares[3])
            check(shares[1], one)
        others = re.fullmatch(r"(.*) about (\S+(?: %)?) \(others (\S+(?: %)?)\)", statement)
        if others:
            one.near(one.labels[others[1]], others[2], statement)


def check_rule(rule, figures: pd.Series, one: Segment) -> None:
    taken = rule.fits(values_of(one.frame, SHOP + TABLE))
    assert taken.sum() > 0 and rule.conditions <= 3
    assert figures["rule_precision"] == pytest.approx(one.inside[taken].mean())
    assert figures["rule_recall"] == pytest.approx(taken[one.inside].mean())


def check_advice(advice, one: Segment, orders: str) -> None:
    own = one.frame[one.inside]
    gap = gap_of(one.frame)
    figures = {
        "orders": own[orders].median(), "days": own["days_since_last_order"].median(),
        "gap": 30.0 if np.isnan(gap) else gap, "kept": own["average_order_value"].notna().mean(),
    }  # fmt: skip
    asks = RULES.loc[RULES["kind"] == advice.kind, "asks"].item()
    for part in filter(None, map(str.strip, asks.split("&"))):
        if part in KINDS:
            assert KINDS[part](figures), f"{advice.kind}: {part} of {figures}"
        elif part.endswith(("=high", "=low")):
            feature = {"spend": "total_spend", "order_value": "average_order_value"}
            name = feature.get(part.split("=")[0], part.split("=")[0])
            one.apart(name, part, 1 if part.endswith("=high") else -1)
    for told, name in (("about ([\\d,.]+) an order", "average_order_value"),
                       ("for ([\\d,]+) days\\.", "days_since_last_order")):  # fmt: skip
        for number in re.findall(told, advice.suggestion):
            one.near(name, number, advice.suggestion)


def test_a_text_that_tells_how_long_nobody_ordered_asks_for_it():
    told = RULES["suggestion"].str.contains("usual pause|none for|nothing for|not ordered for")
    assert RULES.loc[told, "asks"].str.contains("recency=").all() and told.sum() >= 8


def test_the_seed_holds_a_suggestion_for_every_state_of_a_customer():
    assert not problems_of(RULES)
    own = RULES[RULES["segmentation"] == ""]
    for recency in ("active", "due", "lapsed"):
        for orders in ("one", "few", "many"):
            asks = {f"orders={orders}", f"recency={recency}"}
            met = [set(map(str.strip, rule.split("&"))) <= asks for rule in own["asks"]]
            assert any(met), asks
    assert (RULES[RULES["segmentation"] == ""]["asks"] == "").any()
    assert RULES["kind"].is_unique


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"asks": "orders"}, "asks 'orders', but orders is none, one, few or many."),
        ({"asks": "spend=hihg"}, "asks 'spend=hihg', but spend is high, low, none or one."),
        ({"kind": "Nothing kept"}, "Two rules of suggestion_rules have one kind."),
        ({"position": "1"}, "Two rules of suggestion_rules have one"),
        ({"suggestion": "Write to {whom}."}, "writes {whom}, which is none of cancellations,"),
        ({"success": " "}, "has no success"),
    ],
)
def test_a_rule_that_cannot_be_told_is_named(change, told):
    broken = pd.concat([RULES.head(3), RULES[RULES["kind"] == "Set apart"].assign(**change)])
    assert [told in problem for problem in problems_of(broken)] == [True]
