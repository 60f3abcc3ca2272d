import numpy as np
import pytest
import torch

from pipeline_lib.encoders import model_inputs as inputs
from pipeline_lib.encoders.model_inputs import Inputs
from pipeline_lib.encoders.preprocess import Preprocess

PREPROCESS = Preprocess(8, (0.5,) * 3, (0.25,) * 3, "bilinear", 0.875, "center")
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 9, 12, 3), dtype=np.uint8)


class Recorded:
    """Images that remember which rows were asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, rows):
        self.asked += list(rows)
        return [IMAGES[row] for row in rows]


def expected(rows):
    return PREPROCESS.normalise(PREPROCESS.geometry([IMAGES[row] for row in rows]))


@pytest.mark.parametrize("keep", [0, inputs.KEEP_BYTES])
@pytest.mark.parametrize("rows", [[3], [4, 0, 2], [5, 5, 1, 5]])
def test_rows_are_preprocessed_in_the_order_asked_for(monkeypatch, keep, rows):
    monkeypatch.setattr(inputs, "KEEP_BYTES", keep)
    fetch = Inputs(Recorded(), PREPROCESS, 6, "cpu")
    for _ in range(2):
        found = fetch(rows)
        assert found.dtype == torch.float32
        assert torch.equal(found, expected(rows))


def test_each_image_is_decoded_once():
    pixels = Recorded()
    fetch = Inputs(pixels, PREPROCESS, 6, "cpu")
    for rows in ([0, 2], [2, 3, 3], np.array([0, 3, 5])):
        assert torch.equal(fetch(rows), expected(rows))
    assert pixels.asked == [0, 2, 3, 5]


def test_images_that_do_not_fit_into_memory_are_decoded_again(monkeypatch):
    monkeypatch.setattr(inputs, "KEEP_BYTES", 6 * 3 * 8 * 8 - 1)
    pixels = Recorded()
    fetch = Inputs(pixels, PREPROCESS, 6, "cpu")
    fetch([0, 1])
    fetch([1])
    assert pixels.asked == [0, 1, 1]
    monkeypatch.setattr(inputs, "KEEP_BYTES", 6 * 3 * 8 * 8)
    fetch = Inputs(pixels, PREPROCESS, 6, "cpu")
    fetch([1])
    fetch([1])
    assert pixels.asked == [0, 1, 1, 1]


def test_a_batch_may_be_changed_without_harm():
    fetch = Inputs(Recorded(), PREPROCESS, 6, "cpu")
    fetch([1]).zero_()
    assert torch.equal(fetch([1]), expected([1]))
