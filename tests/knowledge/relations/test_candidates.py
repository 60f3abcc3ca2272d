"""Which samples one sample may be paired with."""

import numpy as np
import pytest

from pipeline_lib.knowledge.relations.candidates import (
    EMPTY,
    ROWS_AT_ONCE,
    Candidates,
    pieces,
    squared_distances,
)
from pipeline_lib.knowledge.relations.patterns import Patterns

# Five samples on a line; clusters 0 0 1 1 1, classes a b a a b
PLACES = np.array([[0.0], [1.0], [2.0], [4.0], [4.0]])
PATTERNS = Patterns.of(
    np.array([0, 0, 1, 1, 1]), np.eye(2, dtype=bool)[[0, 1, 0, 0, 1]], 2, rho_2=0.5
)
EVERYBODY = np.arange(5)


def candidates(k: int, seed: int = 0) -> Candidates:
    return Candidates(PLACES, PATTERNS, k, seed)


def test_squared_distances_equal_loops():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    expected = [[sum((x - y) ** 2 for x, y in zip(p, q, strict=True)) for q in b] for p in a]
    np.testing.assert_allclose(squared_distances(a, b), expected, atol=1e-12)


def test_the_farthest_come_first_and_equal_ones_in_order():
    ((rows, found),) = candidates(3).farthest(np.array([0, 3]), EVERYBODY)
    assert rows.tolist() == [0, 3]
    # from 0: 3 and 4 are 4 away, 2 is 2; from 3: 0 is 4 away, 1 is 3, 2 is 2
    assert found.tolist() == [[3, 4, 2], [0, 1, 2]]


def test_a_sample_is_no_candidate_of_itself_but_its_twin_is():
    ((_, found),) = candidates(3).farthest(np.array([3]), np.array([3, 4]))
    assert found.tolist() == [[4, EMPTY, EMPTY]]


def test_the_closest_share_no_class():
    ((_, found),) = candidates(4).closest_foreign(np.array([0, 1]), EVERYBODY)
    assert found.tolist() == [[1, 4, EMPTY, EMPTY], [0, 2, 3, EMPTY]]


def test_noise_is_elsewhere_for_everybody_but_itself():
    labels, classes = np.array([0, 0, -1, -1]), np.ones((4, 1), bool)
    noisy = Candidates(np.zeros((4, 1)), Patterns.of(labels, classes, 1, rho_2=0.5), 4, 0)
    ((_, found),) = noisy.random(np.arange(4), foreign=False, elsewhere=True)
    lists = [sorted(own[own != EMPTY].tolist()) for own in found]
    assert lists == [[2, 3], [2, 3], [0, 1, 3], [0, 1, 2]]


def test_equally_close_ones_come_in_order():
    ((_, found),) = candidates(2).closest_foreign(np.array([1]), np.array([0, 2]))
    assert found.tolist() == [[0, 2]]


def test_a_shared_class_is_enough_to_be_no_stranger():
    classes = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]], bool)
    patterns = Patterns.of(np.zeros(3, int), classes, 1, rho_2=0.5)
    found = Candidates(np.zeros((3, 1)), patterns, 2, 0).closest_foreign(np.arange(3), np.arange(3))
    ((_, lists),) = found
    assert lists.tolist() == [[2, EMPTY], [EMPTY, EMPTY], [0, EMPTY]]


def drawn(k: int, rows: list[int], *, foreign: bool, elsewhere: bool) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for here, lists in candidates(k).random(np.array(rows), foreign=foreign, elsewhere=elsewhere):
        for row, some in zip(here.tolist(), lists.tolist(), strict=True):
            kept = [c for c in some if c != EMPTY]
            assert some == kept + [EMPTY] * (k - len(kept))
            assert len(set(kept)) == len(kept)
            found[row] = set(kept)
    return found


def test_random_candidates_are_all_that_qualify_if_there_is_room():
    rows = [0, 1, 3]
    near = drawn(5, rows, foreign=False, elsewhere=False)
    assert near == {0: {2, 3}, 1: {4}, 3: {0, 2}}
    assert drawn(5, rows, foreign=False, elsewhere=True) == {0: {2, 3}, 1: {4}, 3: {0}}
    assert drawn(5, rows, foreign=True, elsewhere=False) == {0: {1, 4}, 1: {0, 2, 3}, 3: {1, 4}}
    assert drawn(5, rows, foreign=True, elsewhere=True) == {0: {4}, 1: {2, 3}, 3: {1}}


def test_random_candidates_are_as_many_as_asked_for():
    assert all(
        len(some) == 1 for some in drawn(1, [0, 1, 3], foreign=True, elsewhere=False).values()
    )


def test_a_draw_depends_on_the_seed_and_on_the_row_alone():
    patterns = Patterns.of(np.zeros(40, int), np.ones((40, 1), bool), 1, rho_2=0.5)
    features = np.zeros((40, 1))

    def lists(rows: np.ndarray, seed: int) -> np.ndarray:
        ((_, found),) = Candidates(features, patterns, 5, seed).random(
            rows, foreign=False, elsewhere=False
        )
        return found

    everybody = lists(np.arange(40), 0)
    np.testing.assert_array_equal(lists(np.array([7, 3]), 0), everybody[[7, 3]])
    assert not np.array_equal(lists(np.arange(40), 1), everybody)
    assert len(np.unique(everybody, axis=0)) == 40  # rows draw differently


@pytest.mark.parametrize("count", [0, 1, ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 1])
def test_pieces_are_all_rows_in_order(count):
    found = list(pieces(np.arange(count)))
    assert [row for piece in found for row in piece] == list(range(count))
    assert all(0 < len(piece) <= ROWS_AT_ONCE for piece in found)


def test_more_rows_than_one_piece():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(ROWS_AT_ONCE + 50, 2))
    everybody = np.arange(len(features))
    patterns = Patterns.of(
        np.zeros(len(features), int), np.eye(2, dtype=bool)[everybody % 2], 1, rho_2=0.5
    )
    pools = Candidates(features, patterns, 1, 0)
    members = np.arange(40)
    far = np.concatenate([found for _, found in pools.farthest(everybody, members)])
    close = np.concatenate([found for _, found in pools.closest_foreign(everybody, members)])
    distance = np.linalg.norm(features[:, None] - features[members], axis=2)
    distance[members, members] = -1
    np.testing.assert_array_equal(far[:, 0], distance.argmax(1))
    distance[everybody[:, None] % 2 == members % 2] = np.inf
    np.testing.assert_array_equal(close[:, 0], distance.argmin(1))
