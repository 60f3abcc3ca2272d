"""Neighbours by centred cosine, against all pairs."""

import numpy as np
import pytest

from pipeline_lib.clustering.neighbours import centred, nearest


def test_the_mean_is_taken_away_before_lengths_become_one():
    # around their mean (1, 1) these lie at (-1, 0), (1, 0), (0, -2), (0, 2)
    unit = centred(np.array([[0, 1], [2, 1], [1, -1], [1, 3]], np.float32))
    assert unit.tolist() == [[-1, 0], [1, 0], [0, -1], [0, 1]]


def test_a_vector_that_is_the_mean_has_no_direction():
    assert centred(np.array([[0.1, 0.3], [0.1, 0.3]], np.float32)).tolist() == [[0, 0], [0, 0]]


def test_neighbours_are_those_of_all_pairs():
    unit = centred(np.random.default_rng(0).normal(size=(40, 7)).astype(np.float32))
    cosine = unit.astype(np.float64) @ unit.T.astype(np.float64)
    np.fill_diagonal(cosine, -2)
    k = 5
    found = nearest(unit, k, device=None)
    assert found.rows.tolist() == np.argsort(-cosine, axis=1, kind="stable")[:, :k].tolist()
    np.testing.assert_allclose(found.cosine, np.sort(-cosine, axis=1)[:, :k] * -1, atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 9])
def test_an_image_is_no_neighbour_of_its_own_among_copies(count):
    found = nearest(np.tile(np.array([[1, 0]], np.float32), (count, 1)), 4, device=None)
    assert found.rows.shape == (count, min(4, count - 1))
    assert not (found.rows == np.arange(count)[:, None]).any()
    assert all(len(set(row)) == len(row) for row in found.rows.tolist())


def test_some_images_have_neighbours_among_some():
    unit = centred(np.random.default_rng(1).normal(size=(140, 5)).astype(np.float32))
    images, among = np.arange(7), np.arange(40, 140)
    found = nearest(unit, 6, device=None, images=images, among=among)
    exact = unit[images].astype(np.float64) @ unit[among].T.astype(np.float64)
    order = np.argsort(-exact, axis=1, kind="stable")[:, :6]
    assert found.rows.tolist() == among[order].tolist()
    np.testing.assert_allclose(found.cosine, np.take_along_axis(exact, order, 1), atol=1e-12)
    within = nearest(unit, 6, device=None, images=among, among=among)
    assert within.rows.min() >= 40
    assert not (within.rows == among[:, None]).any()


def test_where_there_is_nobody_else_there_are_no_neighbours():
    unit = centred(np.eye(3, dtype=np.float32))
    one, none = np.array([1]), np.array([], np.int64)
    assert nearest(unit, 2, device=None, images=one, among=one).rows.shape == (1, 0)
    assert nearest(unit, 2, device=None, images=none, among=one).rows.shape == (0, 1)
