"""Ensures that baskets are readable, ordered, and the same for a customer in any company."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import NMF

from segmentation.baskets.baskets import (
    basket_candidates,
    basket_weights,
    fit_components,
    name_components,
    strongest_component,
)

CATEGORIES = ["Bread", "Butter", "Jam", "Screws", "Nails", "Paint"]


@dataclass(frozen=True, eq=False)
class BasketFit:
    """What the build's steps give one after the other."""

    candidates: pd.DataFrame
    components: np.ndarray
    total_weights: np.ndarray
    names: tuple[str, ...]

    @property
    def chosen(self) -> int:
        return self.candidates.query("is_selected")["components"].item()


def fit_baskets(matrix, categories, *, seed: int, **options) -> BasketFit:
    """Choose a number of baskets and fit them, as the build's two models do."""
    candidates = basket_candidates(matrix, categories, seed=seed, **options)
    number = candidates.query("is_selected")["components"].item()
    components, totals = fit_components(matrix, categories, number, seed=seed)
    return BasketFit(candidates, components, totals, name_components(components, categories))


@pytest.fixture(scope="module")
def shares() -> np.ndarray:
    """Breakfast buyers (two in three) and builders, with a little of the other shelf."""
    rng = np.random.default_rng(1)
    mixes = np.array([[4, 3, 2, 0.2, 0.1, 0.1], [0.1, 0.1, 0.1, 5, 3, 1]])
    is_builder = rng.random(900) < 1 / 3
    mix = mixes[is_builder.astype(int)]
    drawn = rng.multinomial(1 + rng.poisson(4, 900), mix / mix.sum(axis=1, keepdims=True))
    drawn[::90] = 0
    return drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1)


@pytest.fixture(scope="module")
def fit(shares):
    return fit_baskets(shares, CATEGORIES, seed=1, random_sets=5)


def test_planted_baskets_are_found_named_and_ordered(fit):
    assert fit.chosen == 2 and fit.components.shape == (2, 6)
    assert fit.names == ("Bread · Butter · Jam", "Screws · Nails")
    assert fit.components.sum(axis=1) == pytest.approx(1.0)
    assert fit.total_weights[0] > fit.total_weights[1]
    assert fit.candidates["components"].tolist() == [1, 2, 3, 4, 5, 6]


def test_customers_get_the_basket_they_were_planted_with(shares, fit):
    strongest = strongest_component(basket_weights(shares, fit.components))
    breakfast, empty = shares[:, :3].sum(axis=1) > 0.5, ~shares.any(axis=1)
    assert (strongest[breakfast] == 1).mean() > 0.97
    assert (strongest[~breakfast & ~empty] == 2).mean() > 0.9
    assert empty.sum() == 10 and (strongest[empty] == 0).all()


def test_weights_are_the_share_that_a_basket_accounts_for(shares, fit):
    bought = shares[shares.any(axis=1)]
    weights = basket_weights(bought, fit.components)
    assert weights.sum(axis=1).mean() == pytest.approx(1.0, abs=0.1)
    assert basket_weights(fit.components, fit.components) == pytest.approx(np.eye(2), abs=1e-9)


def test_components_are_those_of_scikit_learn_on_rows_of_several_categories(shares, fit):
    mixed = shares[np.count_nonzero(shares, axis=1) > 1]
    roots = np.sqrt(mixed.sum(axis=0) / mixed.sum())
    model = NMF(2, init="nndsvda", max_iter=500, random_state=1).fit(mixed / roots)
    shapes = model.components_ * roots
    expected = shapes / shapes.sum(axis=1, keepdims=True)
    order = [expected[:, 0].argmax(), expected[:, 3].argmax()]
    assert fit.components == pytest.approx(expected[order], abs=1e-9)


def test_a_rare_pair_is_a_basket_of_its_own():
    rng = np.random.default_rng(4)
    popularity = rng.dirichlet(np.full(20, 1.5))
    popularity[18:] = 0.002
    drawn = rng.multinomial(3 + rng.poisson(3, 3000), popularity / popularity.sum()).astype(float)
    drawn[:90, 18:] += 2
    names = [f"category {number}" for number in range(18)] + ["cat food", "litter"]
    fit = fit_baskets(drawn / drawn.sum(axis=1, keepdims=True), names, seed=1, random_sets=5)
    assert any(set(name.split(" · ")[:2]) == {"cat food", "litter"} for name in fit.names)


def test_two_fits_are_equal_in_every_bit(shares, fit):
    again = fit_baskets(shares, CATEGORIES, seed=1, random_sets=5)
    assert (again.components == fit.components).all() and again.names == fit.names
    assert again.candidates.equals(fit.candidates)


def test_a_forced_number_is_obeyed_and_said(shares):
    fit = fit_baskets(shares, CATEGORIES, seed=1, components=4, max_components=3, random_sets=2)
    assert fit.chosen == 4 and len(fit.components) == 4
    assert fit.candidates["components"].tolist() == [1, 2, 3, 4]
    reason = fit.candidates.query("is_selected")["reason"].item()
    assert reason.startswith("set by components: 4")


def test_single_category_customers_are_one_basket_by_the_rule():
    shares = np.eye(4)[np.random.default_rng(0).integers(0, 4, 300)]
    fit = fit_baskets(shares, list("abcd"), seed=1, random_sets=4)
    assert fit.chosen in range(1, 5) and np.isfinite(fit.components).all()
    assert basket_weights(shares, fit.components).shape == (300, fit.chosen)


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_a_handful_of_customers_is_enough(rows):
    fit = fit_baskets(np.full((rows, 3), 1 / 3), list("abc"), seed=1, random_sets=2)
    assert fit.chosen == 1 and fit.components == pytest.approx(np.full((1, 3), 1 / 3))


def test_names_are_unique_and_leave_light_categories_out():
    components = np.array([[0.6, 0.3, 0.1, 0], [0.6, 0.2, 0.1, 0.1], [0.6, 0.3, 0.1, 0]])
    names = name_components(components, ["jeans", "socks", "belts", "hats"])
    assert names == ("jeans · socks", "jeans · socks · belts", "jeans · socks (2)")
    ties = name_components(np.array([[0.5, 0.5]]), ["b", "a"])
    assert ties == ("a · b",)


@pytest.mark.parametrize(
    ("matrix", "categories", "components", "message"),
    [
        (np.ones((3, 2)), ["a"], None, "2 columns need as many different category names, got 1"),
        (np.ones((3, 2)), ["a", "a"], None, "got 1"),
        (np.zeros((3, 2)), ["a", "b"], None, "every share is zero"),
        (-np.ones((3, 2)), ["a", "b"], None, "must not be negative"),
        (np.ones((3, 2)), ["a", "b"], 3, "components is 3; this table allows 1 to 2"),
        (np.full((3, 2), np.inf), ["a", "b"], None, "missing or infinite"),
    ],
)
def test_wrong_arguments_are_named(matrix, categories, components, message):
    with pytest.raises(ValueError, match=message):
        fit_baskets(matrix, categories, seed=1, components=components)
