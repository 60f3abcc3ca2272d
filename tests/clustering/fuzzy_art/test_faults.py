"""Faults planted between the compiled parts: the comparison with the oracle must see each."""

import numpy as np
import pytest

from pipeline_lib.clustering.fuzzy_art.arrays import categories, tiles
from pipeline_lib.clustering.fuzzy_art.box_distance import supported
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.fuzzy_art.exact import overlap_in_order, tie
from pipeline_lib.clustering.fuzzy_art.replay import NONE, decide, found, join
from pipeline_lib.clustering.fuzzy_art.scan import bound, round_box, scan, snapshot
from tests.clustering.fuzzy_art.oracle import KINDS, samples, sequential

ALPHA, BETA, TILE = 0.01, 1.0, 16


def driven(X: np.ndarray, rho: float, ties: str, fault: str) -> np.ndarray:
    """Labels by scan and replay, a step at a time; ``fault`` says what goes wrong."""
    count, m = X.shape
    c, t = categories(count, m), tiles(TILE, m, count)
    low, span, order = np.zeros(m), np.ones(m), np.arange(count)
    labels, known = np.empty(count, np.int64), 0
    last_wins = (ties == "last") != (fault == "reversed tie rule")
    near = 0.0 if fault == "no second look at near ties" else tie(m)
    for start in range(0, count, TILE):
        snapshot(0, known, ALPHA, True, 0, c, t)
        rows = min(TILE, count - start)
        scan(X, order, start, 0, rows, 0, low, span, supported()[0], c, t)
        for k in range(rows):
            if fault == "no rounding slack":
                plant(t, k)
            if fault == "ignored updates inside a tile":
                t.changes[0] = 0
            reach = t.known[0] if fault == "ignored founders of a tile" else known
            j = decide(0, k, reach, ALPHA, last_wins, near, c, t)
            if j == NONE:
                j, known = known, known + 1
                found(t.x[0, k], j, rho, c)
            else:
                join(t.x[0, k], j, BETA, c, t)
            labels[start + k] = j
        for j in np.unique(labels[start : start + rows]):
            round_box(j, c)
    return labels


def plant(t, k):
    """Forget that the sample was rounded."""
    t.errors[0, k] = 0
    bound(
        t.known[0], t.errors[0, k], t.table[k], t.box_sizes[0], t.inverses[0], t.floors[0],
        t.bounds[0, k], t.choices[k], t.tops[0, k],
    )  # fmt: skip


def disagreements(fault: str) -> int:
    """In how many of 180 problems the labels differ from the oracle's."""
    wrong = 0
    for seed in range(20):
        for kind in KINDS:
            X = samples(kind, 90, (2, 7, 70, 16)[seed % 4], seed)
            rho, ties = (0.75, 0.68, 0.996)[seed % 3], ("first", "last")[seed % 2]
            expected = sequential(X, rho, ALPHA, BETA, 1, ties)[0]
            wrong += not np.array_equal(driven(X, rho, ties, fault), expected)
    return wrong


def test_without_a_fault_all_labels_agree():
    assert disagreements("") == 0


@pytest.mark.parametrize(
    "fault",
    [
        "reversed tie rule",
        "no rounding slack",
        "ignored updates inside a tile",
        "ignored founders of a tile",
        "no second look at near ties",
    ],
)
def test_every_fault_is_seen(fault):
    assert disagreements(fault) > 0


@pytest.mark.parametrize("width", supported())
@pytest.mark.parametrize("kind", KINDS)
def test_bounds_hold_and_are_tight(kind, width):
    X = samples(kind, 40, 130, 0)
    model = FuzzyART(0.7, BETA, 0.6, scale="none").fit(X[:30])
    known, m = model.n_clusters_, X.shape[1]
    c, t = categories(known, m), tiles(len(X), m, known)
    for j, w in enumerate(model.weights_):
        found(w[:m], j, 0.0, c)
        c.weights[j], c.sizes[j] = w, w.sum()
        round_box(j, c)
    snapshot(0, known, ALPHA, False, 0, c, t)
    scan(X, np.arange(len(X)), 0, 0, len(X), 0, np.zeros(m), np.ones(m), width, c, t)
    for k, x in enumerate(X):
        both = np.array([overlap_in_order(x, w) for w in model.weights_])
        excess = t.bounds[0, k, :known] - both
        assert (excess >= 0).all()
        assert (excess < 1.5 * m / 255).all()  # half a unit for x, one for the box, per dimension
