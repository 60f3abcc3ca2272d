"""Distances from points to boxes, for every kind of processor, against numpy."""

import numpy as np
import pytest
from numba import njit

from pipeline_lib.clustering.fuzzy_art import box_distance
from pipeline_lib.clustering.fuzzy_art.arrays import aligned, padded
from pipeline_lib.clustering.fuzzy_art.box_distance import (
    BOXES,
    LINE,
    complete,
    distance,
    fill,
    supported,
)

FAR = 1 << 30


@njit
def single(points: np.ndarray, boxes: np.ndarray, i: int, j: int) -> int:
    return distance(points, boxes, i, j)


def problem(points: int, boxes: int, size: int):
    rng = np.random.default_rng(0)
    P = aligned((padded(points, 4), size), np.uint8)
    B = aligned((2 * (boxes + BOXES), size), np.uint8)
    P[:points] = rng.integers(0, 256, (points, size))
    ends = np.sort(rng.integers(0, 256, (2, boxes, size)), axis=0)
    B[0 : 2 * boxes : 2], B[1 : 2 * boxes : 2] = ends
    B[:2] = [[0], [255]]  # holds every point
    table = np.full((len(P), padded(boxes, 4) + 4), -7, np.int32)
    x, (low, high) = P[:points, None].astype(int), ends
    low[0], high[0] = 0, 255
    return P, B, table, np.maximum(low - x, 0) + np.maximum(x - high, 0)


@pytest.mark.parametrize("width", supported())
@pytest.mark.parametrize(
    ("points", "boxes", "size"), [(5, 7, LINE), (16, 3, 3 * LINE), (1, 1, 640)]
)
def test_distances_equal_numpy(points, boxes, size, width):
    P, B, table, each = problem(points, boxes, size)
    fill(P, B, table, 0, points, boxes, 0, size, width)
    np.testing.assert_array_equal(table[:points, :boxes], each.sum(2))
    assert table[0, 0] == 0
    assert single(P, B, points - 1, boxes - 1) == each[-1, -1].sum()


@pytest.mark.parametrize("width", supported())
def test_extreme_distances_do_not_overflow(width):
    P, B = aligned((4, 640), np.uint8), aligned((2 * (1 + BOXES), 640), np.uint8)
    B[:] = 255
    table = np.zeros((4, 8), np.int32)
    fill(P, B, table, 0, 4, 1, 0, 640, width)
    assert (table[:, 0] == 255 * 640).all()


@pytest.mark.parametrize("width", supported())
def test_what_is_beyond_its_limit_keeps_the_distance_over_the_first_bytes(width):
    P, B, table, each = problem(8, 8, 2 * LINE)
    first, whole = each[:, :, :LINE].sum(2), each.sum(2)
    slack, caps = np.zeros(8, np.int32), np.full(8, FAR, np.int32)
    limit = np.full(12, FAR, np.int32)
    caps[:4] = -1  # points 0…3 are beyond every box,
    limit[4:8] = -1  # and boxes 4…7 beyond every point
    fill(P, B, table, 0, 8, 8, 0, LINE, width)
    left = complete(P, B, table, 0, 8, 8, LINE, width, slack, caps, limit)
    assert left == 48
    np.testing.assert_array_equal(table[4:, :4], whole[4:, :4])
    np.testing.assert_array_equal(table[:4, :8], first[:4])
    np.testing.assert_array_equal(table[4:, 4:8], first[4:, 4:])


@pytest.mark.parametrize(("spare", "left"), [(0, 0), (-1, 16)])
def test_one_pair_within_its_limit_completes_its_block(spare, left):
    P, B, table, each = problem(4, 4, 2 * LINE)
    slack, caps = np.full(4, -FAR, np.int32), np.full(4, FAR, np.int32)
    slack[3] = 5
    limit = np.full(8, -6, np.int32)
    limit[2] = each[3, 2, :LINE].sum() - 5 + spare
    fill(P, B, table, 0, 4, 4, 0, LINE, supported()[0])
    assert complete(P, B, table, 0, 4, 4, LINE, supported()[0], slack, caps, limit) == left


@pytest.mark.parametrize(
    ("features", "widths"),
    [("+avx,+avx2,+avx512bw", [64, 32, 16]), ("+avx,+avx2", [32, 16]), (None, [16])],
)
def test_widths_are_those_that_numba_may_use(monkeypatch, features, widths):
    monkeypatch.setattr(box_distance.config, "CPU_NAME", "generic")
    monkeypatch.setattr(box_distance.config, "CPU_FEATURES", features)
    assert supported() == widths
