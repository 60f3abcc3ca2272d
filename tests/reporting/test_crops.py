import numpy as np
import pytest

from pipeline_lib.encoders.window import window
from pipeline_lib.evaluation.localisation import hull
from pipeline_lib.reporting.crops import crop, outline

WHOLE = np.array([0.0, 0.0, 1.0, 1.0])


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(1, 256, (12, 16, 3), np.uint8)


def box(left, top, right, bottom):
    """The affine box of an upright one, in fractions of what the network saw."""
    return np.array(
        [[right - left, 0, left + right - 1], [0, bottom - top, top + bottom - 1]], np.float32
    )


def test_an_upright_box_shows_exactly_its_pixels(pixels):
    theta = box(4 / 16, 3 / 12, 12 / 16, 9 / 12)
    assert np.array_equal(crop(pixels, theta, WHOLE), pixels[3:9, 4:12])


def test_a_box_lies_inside_what_the_network_saw(pixels):
    # Of 16 x 12 pixels the network sees the 12 x 12 in the middle: columns 2 … 13.
    (seen,) = window(np.array([16]), np.array([12]), crop_pct=1.0, crop_mode="center", size=8)
    assert np.array_equal(crop(pixels, box(0, 0, 1, 1), seen), pixels[:, 2:14])
    assert np.array_equal(crop(pixels, box(0, 0.5, 0.5, 1), seen), pixels[6:, 2:8])


def test_outside_of_the_image_is_black(pixels):
    found = crop(pixels, box(-4 / 16, 0, 4 / 16, 1), WHOLE)
    assert np.array_equal(found[:, 4:], pixels[:, :4])
    assert not found[:, :4].any()


def test_a_turned_box_is_shown_upright(pixels):
    square = pixels[:, :12]
    quarter = np.array([[0, -1, 0], [1, 0, 0]], np.float32)  # u runs down, v to the left
    assert np.array_equal(crop(square, quarter, WHOLE), np.rot90(square))


def test_a_mirrored_box_is_shown_as_the_network_saw_it(pixels):
    mirrored = np.array([[-1, 0, 0], [0, 1, 0]], np.float32)
    assert np.array_equal(crop(pixels, mirrored, WHOLE), pixels[:, ::-1])


def test_a_box_of_no_extent_is_one_pixel(pixels):
    assert crop(pixels, np.zeros((2, 3), np.float32), WHOLE).shape == (1, 1, 3)


def test_outlines_are_the_corners_of_the_box_clockwise():
    corners = outline(box(0.25, 0.5, 0.75, 1), WHOLE)
    assert corners.tolist() == [[0.25, 0.5], [0.75, 0.5], [0.75, 1], [0.25, 1]]


def test_the_hull_of_an_outline_is_that_of_localisation():
    theta = np.random.default_rng(1).normal(0, 0.5, (1, 6, 2, 3))
    seen = np.array([[0.1, 0.0, 0.9, 1.0]])
    corners = outline(theta[0], seen[0])
    expected = np.concatenate([corners.min(1), corners.max(1)], 1)
    assert hull(theta, seen)[0] == pytest.approx(expected)
