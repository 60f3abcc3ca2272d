"""Boxes against objects: planted ones, ones worked by hand, and properties."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from pipeline_lib.evaluation.localisation import (
    Objects,
    best_iou,
    grid_regions,
    hull,
    iou,
    pointing,
    random_regions,
)

WHOLE = np.array([[0.0, 0, 1, 1]])


def affine(*rows):
    return np.array(rows, float).reshape(1, -1, 2, 3)


def objects(*rows):
    """Objects from (image, tag, left, top, right, bottom)."""
    table = np.array(rows, float)
    return Objects(table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2:])


def test_the_hull_of_an_upright_box_is_the_box():
    # half the width and a quarter of the height, centred at (0.25, -0.5) of -1…1
    theta = affine([0.5, 0, 0.25, 0, 0.25, -0.5])
    np.testing.assert_allclose(hull(theta, WHOLE), [[[0.375, 0.125, 0.875, 0.375]]])


def test_the_hull_of_a_turned_box_holds_its_corners():
    # a square of half the size turned by 45°: its corners lie at 0.5 sqrt(2) on the axes
    turn = 0.5 * np.sqrt(0.5)
    theta = affine([turn, -turn, 0, turn, turn, 0])
    reach = np.sqrt(0.5) / 2
    np.testing.assert_allclose(
        hull(theta, WHOLE), [[[0.5 - reach, 0.5 - reach, 0.5 + reach, 0.5 + reach]]]
    )


def test_mirrored_boxes_have_the_same_hull():
    theta = affine([0.5, 0, 0.25, 0, 0.25, -0.5], [-0.5, 0, 0.25, 0, -0.25, -0.5])
    found = hull(theta, WHOLE)
    np.testing.assert_allclose(found[0, 0], found[0, 1])


def test_hulls_are_fractions_of_the_image_and_not_of_the_window():
    theta = affine([1, 0, 0, 0, 1, 0], [0.5, 0, -0.5, 0, 0.5, 0.5]).repeat(2, 0)
    window = np.array([[0.1, 0.2, 0.9, 0.8], [-0.25, 0, 1.25, 1]])
    np.testing.assert_allclose(
        hull(theta, window),
        [
            [[0.1, 0.2, 0.9, 0.8], [0.1, 0.5, 0.5, 0.8]],
            [[-0.25, 0, 1.25, 1], [-0.25, 0.5, 0.5, 1]],
        ],
    )


numbers = st.floats(-2, 2, width=32)


@given(theta=st.lists(numbers, min_size=6, max_size=6))
def test_a_hull_holds_every_point_that_is_sampled(theta):
    box = hull(affine(theta), WHOLE)[0, 0]
    grid = F.affine_grid(torch.tensor(theta).view(1, 2, 3), [1, 1, 3, 3], align_corners=True)
    points = (grid.view(-1, 2).double().numpy() + 1) / 2
    assert (points >= box[:2] - 1e-5).all()
    assert (points <= box[2:] + 1e-5).all()
    corners = np.concatenate([points.min(0), points.max(0)])
    np.testing.assert_allclose(box, corners, atol=1e-5)


def test_iou_by_hand():
    one = np.array([0.0, 0, 0.5, 1])
    others = np.array([[0.0, 0, 0.5, 1], [0.25, 0, 0.75, 1], [0.5, 0, 1, 1], [0.2, 0.2, 0.2, 0.9]])
    np.testing.assert_allclose(iou(one, others), [1, 1 / 3, 0, 0])


def test_empty_boxes_overlap_nothing_not_even_themselves():
    empty = np.array([0.5, 0.5, 0.5, 0.5])
    assert iou(empty, empty) == 0


boxes = st.tuples(*[st.floats(0, 1)] * 4).map(
    lambda v: np.array([min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3])])
)


@given(one=boxes, other=boxes, shift=st.floats(-3, 3))
def test_iou_is_symmetric_bounded_and_does_not_depend_on_the_place(one, other, shift):
    found = iou(one, other)
    assert 0 <= found <= 1
    assert found == iou(other, one)
    if (one[2:] - one[:2]).min() > 1e-3:
        assert iou(one + shift, other + shift) == pytest.approx(found, abs=1e-6)


def test_a_planted_object_is_found_wherever_its_region_stands():
    box = [0.3, 0.4, 0.6, 0.9]
    theta = affine(
        [0.1, 0, 0, 0, 0.1, 0.0],
        [0.3, 0, 2 * 0.45 - 1, 0, 0.5, 2 * 0.65 - 1],
        [1, 0, 0, 0, 1, 0],
    )
    found = best_iou(hull(theta, WHOLE), objects([0, 0, *box]))
    assert found.tolist() == pytest.approx([1.0])
    without = best_iou(hull(theta[:, [0, 2]], WHOLE), objects([0, 0, *box]))
    assert without.tolist() == pytest.approx([0.15])  # the whole image holds it: its area


def test_each_object_is_compared_with_the_regions_of_its_own_image():
    regions = np.array([[[0, 0, 0.5, 1]], [[0.5, 0, 1, 1]]])
    right, whole = [0.5, 0, 1, 1], [0, 0, 1, 1]
    found = best_iou(regions, objects([1, 0, *right], [0, 0, *right], [1, 3, *whole]))
    assert found.tolist() == [1, 0, 0.5]


def test_only_the_part_of_a_region_inside_the_image_counts():
    regions = np.array([[[-1.0, -1.0, 0.5, 2.0]]])
    assert best_iou(regions, objects([0, 0, 0, 0, 0.5, 1])).tolist() == [1]


HALVES = np.array([[[0, 0, 0.5, 1], [0.5, 0, 1, 1]]])
LEFT = objects([0, 2, 0, 0, 0.5, 1])


def evidence(*values):
    """Evidence for tag 2 in each region of one image."""
    out = np.full((1, len(values), 3), 9.0)
    out[0, :, 2] = values
    return out


@pytest.mark.parametrize(("values", "share"), [((0.9, 0.1), 1), ((0.1, 0.9), 0), ((0.4, 0.4), 0.5)])
def test_the_surest_region_points_and_equal_ones_share_the_point(values, share):
    assert pointing(HALVES, evidence(*values), LEFT).tolist() == [share]


def test_two_objects_of_a_tag_are_one_pair_and_either_may_be_pointed_at():
    both = objects([0, 2, 0, 0, 0.1, 0.1], [0, 2, 0.5, 0, 1, 1], [0, 1, 0, 0, 0.5, 1])
    found = pointing(HALVES, evidence(0.1, 0.9), both)
    # pairs in the order of tags: tag 1 has equal evidence, of which the left half is inside
    assert found.tolist() == [0.5, 1]


def test_pointing_by_loops():
    rng = np.random.default_rng(0)
    regions = np.sort(rng.random((4, 5, 2, 2)), 2).reshape(4, 5, 4)
    found = objects(*[
        [i, rng.integers(3), *np.sort(rng.random((2, 2)), 0).ravel()] for i in (0, 0, 2, 3, 3, 3, 3)
    ])  # fmt: skip
    belief = rng.integers(0, 3, (4, 5, 3)).astype(float)
    expected = {}
    for image, tag in sorted(
        {(int(i), int(t)) for i, t in zip(found.image, found.tag, strict=True)}
    ):
        best = [j for j in range(5) if belief[image, j, tag] == max(belief[image, :, tag])]
        hits = 0
        for j in best:
            x, y = (
                (regions[image, j, 0] + regions[image, j, 2]) / 2,
                (regions[image, j, 1] + regions[image, j, 3]) / 2,
            )
            hits += any(
                b[0] <= x <= b[2] and b[1] <= y <= b[3]
                for i, t, b in zip(found.image, found.tag, found.box, strict=True)
                if (i, t) == (image, tag)
            )
        expected[image, tag] = hits / len(best)
    np.testing.assert_allclose(pointing(regions, belief, found), list(expected.values()))


def test_random_regions_lie_inside_have_the_scales_and_repeat():
    found = random_regions(50, 10, (0.2, 0.8), seed=3)
    size = found[..., 2:] - found[..., :2]
    assert found.shape == (50, 10, 4)
    assert (found >= 0).all()
    assert (found <= 1 + 1e-12).all()
    assert size.min() >= 0.2 - 1e-9
    assert size.max() <= 0.8 + 1e-9
    assert size.mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_array_equal(found, random_regions(50, 10, (0.2, 0.8), seed=3))
    assert not np.array_equal(found, random_regions(50, 10, (0.2, 0.8), seed=4))


@pytest.mark.parametrize("count", range(1, 17))
def test_a_grid_tiles_the_image(count):
    found = grid_regions(count)
    size = found[:, 2:] - found[:, :2]
    assert found.shape == (count, 4)
    assert size.prod(1).sum() == pytest.approx(1)
    overlap = iou(found[:, None], found[None])
    np.testing.assert_allclose(overlap, np.eye(count), atol=1e-9)
    assert found.min() == 0
    assert found.max() == 1


def test_a_grid_of_five_has_two_rows():
    found = grid_regions(5)
    np.testing.assert_allclose(found[0], [0, 0, 0.5, 0.5])
    np.testing.assert_allclose(found[3], [1 / 3, 0.5, 2 / 3, 1])
