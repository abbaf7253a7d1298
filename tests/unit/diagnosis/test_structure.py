"""Ensures that the verdict tells groups from slices, on data whose answer is known."""

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.metrics import silhouette_score

from segmentation.clustering.kmeans import fit_kmeans
from segmentation.clustering.mixture import fit_gaussian_mixture
from segmentation.diagnosis.pairs import CLEAR, SLICES, TOUCHING
from segmentation.diagnosis.structure import (
    UNKNOWN,
    Structure,
    _deepest_saddle,
    _log_densities,
    against_shuffled,
    evaluate_structure,
    gaussian_null,
    permuted_columns,
    spread_ties,
    valley_depth,
)

ROWS = 400


def uniform_noise(rng, columns):
    return rng.uniform(size=(ROWS, columns))


def uniform_slab(rng, columns):
    return rng.uniform(size=(ROWS, columns)) * np.linspace(3, 1, columns)


def one_correlated_gaussian(rng, columns):
    return rng.normal(size=(ROWS, columns)) @ rng.normal(size=(columns, columns))


def one_log_normal_cloud(rng, columns):
    return np.exp(rng.normal(size=(ROWS, columns)))


def one_exponential_cloud(rng, columns):
    return rng.exponential(size=(ROWS, columns))


def one_ring(rng, columns):
    angle = rng.uniform(0, 2 * np.pi, ROWS)
    return np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.05, (ROWS, 2))


def counts(rate, transform):
    def draw(rng, columns):
        return standardised(transform(rng.poisson(rate, size=(ROWS, columns))))

    return draw


def dummies(rng, columns):
    return standardised(rng.random((ROWS, columns)) < [0.5, 0.3, 0.1, 0.05, 0.02][:columns])


def ratings(rng, columns):
    return standardised(rng.integers(1, 4, (ROWS, columns)))


def dummy_and_gaussians(rng, columns):
    return standardised(np.column_stack([rng.random(ROWS) < 0.5, rng.normal(size=(ROWS, columns))]))


def half_zero_amount_and_gaussians(rng, columns):
    amount = np.where(rng.random(ROWS) < 0.5, 0, rng.exponential(100, ROWS))
    return standardised(np.column_stack([amount, rng.normal(size=(ROWS, columns))]))


def rounded_gaussian(rng, columns):
    return np.round(rng.normal(size=(ROWS, columns)))


def uneven_packs(rng, columns):
    return standardised(rng.choice([1, 2, 5, 10], (ROWS, columns), p=[0.5, 0.3, 0.15, 0.05]))


def standardised(matrix):
    matrix = np.asarray(matrix, dtype=float)
    return (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)


def four_cluster_grid(rng, columns):
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[rng.integers(0, 4, ROWS)]
    matrix = rng.normal(0, 0.15, (ROWS, columns))
    matrix[:, :2] += corners
    return matrix


def two_moons_apart(rng, columns):
    points, moon = make_moons(ROWS, noise=0.08, random_state=int(rng.integers(1_000)))
    points[moon == 1] -= [0, 1]
    return np.column_stack([points, rng.normal(0, 0.15, (ROWS, columns - 2))])


def planted_personas(rng, columns):
    centers = 5 * np.eye(5, columns) - 4 * np.eye(5, columns)[::-1]
    return centers[rng.choice(5, ROWS, p=[0.4, 0.25, 0.2, 0.1, 0.05])] + rng.normal(
        size=(ROWS, columns)
    )


def rounded_personas(rng, columns):
    return np.round(planted_personas(rng, columns))


def personas_and_rare_dummies(rng, columns):
    rare = rng.random((ROWS, 2)) < [0.02, 0.1]
    return standardised(np.column_stack([planted_personas(rng, columns), rare]))


def dummies_that_agree(rng, columns):
    is_first = rng.random((ROWS, 1)) < 0.5
    return standardised(np.where(rng.random((ROWS, 8)) < 0.9, is_first, ~is_first))


CLOUDS = [
    uniform_noise,
    uniform_slab,
    one_correlated_gaussian,
    one_log_normal_cloud,
    one_exponential_cloud,
    one_ring,
    dummies,
    ratings,
    dummy_and_gaussians,
    half_zero_amount_and_gaussians,
    rounded_gaussian,
    uneven_packs,
]
RATES = [0.3, 0.5, 1, 2, 4]
GROUPS = [
    four_cluster_grid,
    two_moons_apart,
    planted_personas,
    rounded_personas,
    personas_and_rare_dummies,
    dummies_that_agree,
]


def verdict(draw, columns, k):
    rng = np.random.default_rng([columns, k])
    return judged(draw(rng, columns), k, nulls=6)


def judged(matrix, k, **settings):
    labels = fit_kmeans(matrix, k, seed=1, n_init=3).labels
    return evaluate_structure(matrix, labels, seed=1, **settings)


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("columns", [2, 5])
@pytest.mark.parametrize("draw", CLOUDS)
def test_a_single_cloud_has_no_structure(draw, columns, k):
    found = verdict(draw, columns, k)
    assert found.grouping == SLICES and not found.has_structure
    assert found.sentence.startswith("Slices of one cloud")


@pytest.mark.parametrize("transform", [np.asarray, np.log1p])
@pytest.mark.parametrize("columns", [2, 3, 5])
@pytest.mark.parametrize("rate", RATES)
def test_counts_of_one_process_have_no_structure(rate, columns, transform):
    assert not verdict(counts(rate, transform), columns, 4).has_structure


@pytest.mark.parametrize("k", [2, 4, 5])
@pytest.mark.parametrize("columns", [2, 5])
@pytest.mark.parametrize("draw", GROUPS)
def test_groups_are_structure(draw, columns, k):
    found = verdict(draw, columns, k)
    assert found.has_structure
    assert found.sentence.startswith("Clear groups")


def test_a_skewed_cloud_beats_the_null_and_is_told_by_its_missing_valley():
    found = verdict(one_log_normal_cloud, 3, 3)
    assert found.excess > 0.1 and found.z > 5
    assert found.valley_depth < 0.1
    assert "no valley runs along the segments' borders" in found.sentence


def test_figures_belong_together():
    found = verdict(four_cluster_grid, 2, 4)
    assert found.excess == pytest.approx(found.silhouette - found.null_mean)
    assert found.z == pytest.approx(found.excess / found.null_sd)
    assert 0 <= found.valley_depth <= 1
    assert f"{found.excess:+.2f}" in found.sentence


def test_the_verdict_is_reproducible():
    assert verdict(planted_personas, 3, 4) == verdict(planted_personas, 3, 4)


def test_large_data_are_sampled():
    rng = np.random.default_rng(0)
    matrix = np.repeat([[0.0, 0.0], [9.0, 9.0]], 5_000, axis=0) + rng.normal(size=(10_000, 2))
    assert judged(matrix, 2, nulls=4, max_rows=500).has_structure


def test_ties_are_looked_for_in_the_features_and_not_in_their_projection():
    rng = np.random.default_rng(2)
    features = standardised(
        np.column_stack([rng.random((ROWS, 3)) < 0.4, rng.normal(size=(ROWS, 3))])
    )
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    untied = spread_ties(features, seed=1) @ turn
    assert judged(features @ turn, 4, nulls=4).has_structure
    assert not judged(features @ turn, 4, nulls=4, untied=untied).has_structure


def test_the_given_segments_are_judged_and_their_algorithm_cuts_the_nulls():
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(ROWS, 2)) * np.repeat([[1, 6], [1, 1]], ROWS // 2, axis=0)
    matrix[ROWS // 2 :, 0] += 4
    labels = fit_gaussian_mixture(matrix, 2, seed=1).labels
    used = []

    def refit(rows, k, seed):
        used.append((len(rows), k))
        return fit_gaussian_mixture(rows, k, seed=seed, n_init=1).labels

    found = evaluate_structure(matrix, labels * 5 + 2, seed=1, nulls=4, refit=refit)
    assert found.silhouette == pytest.approx(silhouette_score(matrix, labels))
    assert found.silhouette < judged(matrix, 2, nulls=4).silhouette - 0.05
    halves, nulls = used[:2], used[2:]
    assert halves == [(ROWS // 2, 2)] * 2 and nulls == [(ROWS, 2)] * 4


def test_a_null_left_in_one_piece_separates_nothing():
    matrix = four_cluster_grid(np.random.default_rng(4), 2)
    labels = fit_kmeans(matrix, 4, seed=1).labels
    pieces = iter([np.zeros(ROWS, dtype=int), labels, labels])

    def refit(rows, k, seed):
        return next(pieces) if len(rows) == ROWS else np.zeros(len(rows), dtype=int)

    found = evaluate_structure(matrix, labels, seed=1, nulls=3, refit=refit)
    assert np.isfinite([found.null_mean, found.null_sd, found.z]).all()


def test_the_null_has_the_mean_and_covariance_of_the_data():
    rng = np.random.default_rng(1)
    matrix = np.exp(rng.normal(size=(20_000, 3))) @ rng.normal(size=(3, 3)) + 5
    null = gaussian_null(matrix, seed=2)
    assert null.shape == matrix.shape
    np.testing.assert_allclose(null.mean(axis=0), matrix.mean(axis=0), atol=0.2)
    scale = np.abs(np.cov(matrix.T)).max()
    np.testing.assert_allclose(np.cov(null.T), np.cov(matrix.T), atol=0.05 * scale)


def test_the_null_of_a_flat_cloud_is_as_flat():
    line = np.linspace(0, 1, 100)[:, None] * [1.0, 2.0, 0.0]
    null = gaussian_null(line, seed=1)
    np.testing.assert_allclose(null[:, 2], 0, atol=1e-9)
    np.testing.assert_allclose(null[:, 1], 2 * null[:, 0], atol=1e-6)


def test_valleys_deepen_as_groups_part():
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(600, 2))
    sides = np.repeat([[-0.5, 0], [0.5, 0]], 300, axis=0)
    depths = [valley_depth(noise + distance * sides, seed=1) for distance in (0, 4, 6, 30)]
    assert depths == sorted(depths)
    assert depths[0] < 0.5 < 0.8 < depths[2]
    assert depths[3] == 1


def test_ties_fill_the_gaps_around_their_value_the_rarer_value_more_of_it():
    column = np.repeat([0.0, 1.0, 3.0], [60, 20, 20])
    spread = spread_ties(column[:, None], seed=1)[:, 0]
    cells = [(-0.25, 0.25), (0.25, 2), (2, 4)]
    for value, (low, high) in zip([0, 1, 3], cells, strict=True):
        tied = np.sort(spread[column == value])
        steps = (np.arange(len(tied)) + 0.5) / len(tied)
        np.testing.assert_allclose(tied, low + steps * (high - low))


def test_a_tied_value_reaches_up_to_an_untied_one():
    """Those who bought for nothing are no group because nobody bought for a little."""
    column = np.r_[np.zeros(40), 4.0, 5.0, 7.0]
    spread = np.sort(spread_ties(column[:, None], seed=1)[:40, 0])
    assert spread[0] == pytest.approx(-3.9) and spread[-1] == pytest.approx(3.9)
    np.testing.assert_allclose(np.diff(spread), 0.2)


def test_an_amount_that_many_do_not_have_is_no_group():
    rng = np.random.default_rng(9)
    amount = np.where(rng.random(ROWS) < 0.2, 0, rng.lognormal(4, 0.7, ROWS))
    matrix = standardised(np.column_stack([np.log1p(amount), rng.normal(size=(ROWS, 2))]))
    assert judged(matrix, 2, nulls=4).grouping == SLICES


def test_what_is_not_tied_stays():
    rng = np.random.default_rng(5)
    matrix = np.column_stack([rng.normal(size=50), np.full(50, 7.0), np.repeat([0, 1], 25)])
    spread = spread_ties(matrix, seed=1)
    np.testing.assert_array_equal(spread[:, :2], matrix[:, :2])
    assert len(np.unique(spread[:, 2])) == 50
    np.testing.assert_array_equal(spread, spread_ties(matrix, seed=1))
    assert not np.array_equal(spread, spread_ties(matrix, seed=2))


def test_tied_columns_are_spread_apart_from_each_other():
    twice = np.repeat(np.random.default_rng(6).integers(0, 3, (200, 1)), 2, axis=1)
    residue = spread_ties(twice, seed=1) - twice
    assert abs(np.corrcoef(residue.T)[0, 1]) < 0.2


def test_the_gap_between_two_groups_is_not_filled():
    rng = np.random.default_rng(7)
    column = np.round(np.r_[rng.normal(20, 3, 300), rng.normal(60, 3, 300)])
    spread = spread_ties(column[:, None], seed=1)[:, 0]
    assert ((spread > 32) & (spread < 48)).mean() < 0.01


def test_a_rare_value_between_two_common_ones_leaves_the_valley():
    rng = np.random.default_rng(8)
    rate = rng.choice([0, 1 / 3, 0.5, 2 / 3, 1], ROWS, p=[0.7, 0.02, 0.03, 0.02, 0.23])
    matrix = standardised(np.column_stack([rate, rng.normal(size=ROWS)]))
    assert judged(matrix, 2, nulls=4).has_structure


def test_counts_have_valleys_of_their_own_and_features_that_agree_have_others():
    """Shuffled by themselves, counts keep their valleys, and answers that agree lose theirs."""
    rng = np.random.default_rng([1_000, 0])
    few = rng.binomial(1, 0.2, (1_000, 3)) * rng.geometric(0.4, (1_000, 3))
    agreeing = dummies_that_agree(np.random.default_rng(1), 2)
    verdicts = {}
    for name, matrix in (("counts", standardised(np.log1p(few))), ("agreeing", agreeing)):
        untied = spread_ties(matrix, seed=0)

        def permuted(draw, matrix=matrix):
            return spread_ties(permuted_columns(matrix, seed=draw), seed=0)

        labels = fit_kmeans(matrix, 4, seed=1).labels
        told = {"seed": 0, "nulls": 4, "untied": untied}
        verdicts[name] = [
            evaluate_structure(matrix, labels, **told).grouping,
            evaluate_structure(matrix, labels, permuted=permuted, **told).grouping,
        ]
    assert verdicts == {"counts": [CLEAR, SLICES], "agreeing": [CLEAR, CLEAR]}


def test_a_single_segment_has_no_structure():
    found = evaluate_structure(np.arange(50.0)[:, None], np.full(50, 3), seed=1)
    assert found.grouping == UNKNOWN and not found.has_structure
    assert "single segment" in found.sentence
    assert np.isnan(found.silhouette)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [(np.arange(20.0)[:, None], "with 20 rows"), (np.zeros((120, 2)), "on 1 distinct rows")],
)
def test_what_cannot_be_judged_is_said(matrix, words):
    found = evaluate_structure(matrix, np.arange(len(matrix)) % 3, seed=1)
    assert found.grouping == UNKNOWN
    assert words in found.sentence


def test_a_segment_for_every_distinct_row_is_as_separate_as_can_be():
    rows = np.array([[0.0, 1.0, 9.0], [5.0, 7.0, 0.0], [8.0, 2.0, 4.0]])
    found = judged(np.repeat(rows, 50, axis=0), 3, nulls=4)
    assert found.silhouette == 1
    assert found.has_structure


def test_repeated_values_do_not_break_the_density():
    matrix = np.repeat(np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [5.1, 5.1]]), 50, axis=0)
    assert judged(matrix, 3, nulls=4).has_structure


def test_combinations_of_two_values_are_two_columns_and_not_four_groups():
    matrix = np.repeat(np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [5.0, 5.0]]), 50, axis=0)
    found = judged(matrix, 4, nulls=4)
    assert found.silhouette == 1
    assert not found.has_structure


def plain_deepest_saddle(density, nearest, minimum_rows):
    """Look the groups and their sizes up anew for every row."""
    group, deepest = np.full(len(density), -1), 0.0
    for row in np.argsort(-density, kind="stable"):
        touched = np.unique(group[nearest[row]])
        touched = touched[touched >= 0]
        if len(touched) == 0:
            group[row] = row
            continue
        highest, *others = sorted(touched, key=lambda peak: -density[peak])
        for lower in others:
            if min((group == highest).sum(), (group == lower).sum()) >= minimum_rows:
                deepest = max(deepest, density[lower] - density[row])
            group[group == lower] = highest
        group[row] = highest
    sizes = np.unique(group, return_counts=True)[1]
    return np.inf if (sizes >= minimum_rows).sum() > 1 else float(deepest)


@pytest.mark.parametrize("seed", range(12))
def test_the_deepest_saddle_is_that_of_the_plain_search(seed):
    rng = np.random.default_rng(seed)
    columns = rng.integers(1, 5)
    centres = np.arange(rng.integers(1, 5)) * rng.uniform(0, 4)
    matrix = np.concatenate([rng.normal(centre, 1, (120, columns)) for centre in centres])
    # Rounded rows are equally dense in places.
    matrix = matrix if seed % 2 else np.round(matrix, 1)
    density, nearest = _log_densities(matrix, 15)
    for minimum_rows in (1, 8, 40):
        found = _deepest_saddle(density, nearest, minimum_rows)
        assert found == plain_deepest_saddle(density, nearest, minimum_rows)


def three_on_a_line(distance: float, columns: int, rows: int = 600) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng([columns, rows])
    group = rng.integers(0, 3, rows)
    matrix = rng.normal(size=(rows, columns))
    matrix[:, 0] += distance * group
    return matrix, group


@pytest.mark.parametrize("columns", [2, 12, 30, 50])
def test_groups_in_one_direction_of_many_are_clear(columns):
    matrix, group = three_on_a_line(6, columns)
    found = evaluate_structure(matrix, group + 5, seed=1, nulls=4)
    assert found.grouping == CLEAR and found.groups == 3 and found.clear_share == 1
    assert found.pairs[["segment", "other_segment"]].to_numpy().tolist() == [[5, 6], [6, 7]]
    assert "part the 3 segments into 3 groups" in found.sentence


def test_touching_groups_are_recognisable():
    matrix, group = three_on_a_line(3.4, 3, rows=2_000)
    found = evaluate_structure(matrix, group, seed=1, nulls=4)
    assert found.grouping == TOUCHING and found.groups == 3 and found.clear_share == 0
    assert found.sentence.startswith("Recognisable but touching: valleys part the 3 segments into")


def test_the_verdict_says_whom_it_concerns():
    """One group in two slices beside a small one: half of the borders are none."""
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(1_000, 2)) * [3, 0.5]
    matrix[:200] += [0, 8]
    labels = np.where(np.arange(1_000) < 200, 2, matrix[:, 0] > 0)
    found = evaluate_structure(matrix, labels, seed=1, nulls=4)
    assert found.grouping == CLEAR and found.groups == 2
    assert found.clear_share == pytest.approx(0.2)


def test_what_shuffled_events_show_as_well_is_taken_back():
    found = Structure(CLEAR, "Clear groups.", groups=3, clear_share=0.4)
    weaker = [Structure(TOUCHING, "", groups=5), Structure(SLICES, "")]
    assert against_shuffled(found, weaker) is found
    taken = against_shuffled(found, [*weaker, Structure(CLEAR, "", groups=2)])
    assert taken.grouping == SLICES and taken.groups == 1 and taken.clear_share == 0
    assert "chance makes these groups, for 1 of 3 data sets" in taken.sentence
    slices = Structure(SLICES, "Slices.")
    assert against_shuffled(slices, [found]) is slices
