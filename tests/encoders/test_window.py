"""The window that a model sees, against pictures in which every pixel is its own place."""

import numpy as np
import pytest

from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.window import window

SIZE = 32
SHAPES = [(240, 250), (200, 100), (90, 250), (32, 32), (64, 64), (250, 250)]  # height, width


def coordinates(height: int, width: int) -> np.ndarray:
    """Red is x, green is y, in 5 … 250 from edge to edge; blue is 255."""
    x = 5 + 245 * (np.arange(width) + 0.5) / width
    y = 5 + 245 * (np.arange(height) + 0.5) / height
    red, green = np.broadcast_arrays(x[None], y[:, None])
    blue = np.full_like(red, 255)
    return np.stack([red, green, blue], 2).round().astype(np.uint8)


def seen(image: np.ndarray, *, crop_pct: float, crop_mode: str) -> np.ndarray:
    """Fit the window to what timm's transform leaves of the picture."""
    ours = Preprocess(SIZE, (0.0,) * 3, (1.0,) * 3, "bilinear", crop_pct, crop_mode)
    crop = ours.geometry([image])[0].double().numpy()
    inside = crop[2] > 250  # not the black border
    edges = []
    for channel, axis in ((0, 1), (1, 0)):
        rows, columns = np.nonzero(inside)
        place = (np.stack([rows, columns])[axis] + 0.5) / SIZE
        fraction = (crop[channel][inside] - 5) / 245
        whole = np.isin(np.stack([rows, columns])[axis], [0, SIZE - 1])  # edges are clipped
        slope, start = np.polyfit(place[~whole], fraction[~whole], 1)
        edges.append((start, start + slope))
    (left, right), (top, bottom) = edges
    return np.array([left, top, right, bottom])


@pytest.mark.parametrize("crop_pct", [1.0, 0.95, 0.875, 0.5])
@pytest.mark.parametrize("crop_mode", ["center", "squash", "border"])
def test_the_window_is_what_timm_crops(crop_mode, crop_pct):
    height, width = np.array(SHAPES).T
    found = window(width, height, crop_pct=crop_pct, crop_mode=crop_mode, size=SIZE)
    for shape, box in zip(SHAPES, found, strict=True):
        expected = seen(coordinates(*shape), crop_pct=crop_pct, crop_mode=crop_mode)
        size = box[2:] - box[:2]
        pixel = np.tile(size / SIZE, 2)  # of the resized image; sides and offsets are whole
        assert (np.abs(box - expected) <= 1.1 * pixel).all(), (shape, box, expected)
        if shape[0] == shape[1]:  # nothing is rounded but the offset
            np.testing.assert_allclose(size, expected[2:] - expected[:2], atol=0.006)


def test_windows_by_hand():
    sides = np.array([100]), np.array([50])  # width, height
    options = {"size": 32}
    center = window(*sides, crop_pct=1.0, crop_mode="center", **options)
    assert center.tolist() == [[0.25, 0, 0.75, 1]]
    border = window(*sides, crop_pct=1.0, crop_mode="border", **options)
    assert border.tolist() == [[0, -0.5, 1, 1.5]]
    squash = window(*sides, crop_pct=0.5, crop_mode="squash", **options)
    assert squash.tolist() == [[0.25, 0.25, 0.75, 0.75]]


def test_a_share_is_that_of_whole_pixels():
    # 32 of floor(32 / 0.95) = 33 pixels
    side = np.array([200])
    (found,) = window(side, side, crop_pct=0.95, crop_mode="center", size=32)
    assert (found[2] - found[0]) == pytest.approx(32 / 33)


@pytest.mark.parametrize("crop_mode", ["center", "squash", "border"])
def test_windows_lie_in_the_middle(crop_mode):
    width, height = np.array([[120, 60], [50, 90], [7, 300]]).T
    found = window(width, height, crop_pct=0.9, crop_mode=crop_mode, size=SIZE)
    np.testing.assert_allclose(found[:, :2] + found[:, 2:], 1)
