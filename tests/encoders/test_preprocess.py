import numpy as np
import pytest
import torch
from PIL import Image
from timm.data import create_transform

from pipeline_lib.encoders.preprocess import Preprocess

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SHAPES = [(48, 31), (31, 48), (7, 9), (200, 33), (32, 32), (33, 32), (64, 64)]


def preprocess(size=32, **changes):
    values = {"interpolation": "bicubic", "crop_pct": 0.875, "crop_mode": "center"} | changes
    return Preprocess(size, MEAN, STD, **values)


def pictures(*shapes):
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for shape in shapes]


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("crop_pct", [1.0, 0.875, 0.95])
@pytest.mark.parametrize("crop_mode", ["center", "squash", "border"])
def test_inputs_equal_those_of_timms_own_evaluation(interpolation, crop_pct, crop_mode):
    options = {"interpolation": interpolation, "crop_pct": crop_pct, "crop_mode": crop_mode}
    ours = preprocess(**options)
    theirs = create_transform((3, 32, 32), mean=MEAN, std=STD, **options)
    images = pictures(*SHAPES)
    found = ours.normalise(ours.geometry(images))
    expected = torch.stack([theirs(Image.fromarray(image)) for image in images])
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-6)


def test_an_image_that_fits_is_left_as_it_is():
    images = pictures((32, 32), (32, 32))
    found = preprocess(crop_pct=1.0).geometry(images)
    assert (found.shape, found.dtype, found.is_contiguous()) == ((2, 3, 32, 32), torch.uint8, True)
    np.testing.assert_array_equal(found.permute(0, 2, 3, 1).numpy(), np.stack(images))


def test_an_image_that_fits_is_the_same_beside_one_that_does_not():
    one, other = pictures((32, 32), (40, 50))
    alone = preprocess(crop_pct=1.0).geometry([one])
    together = preprocess(crop_pct=1.0).geometry([one, other])
    assert torch.equal(alone[0], together[0])


def test_a_smaller_crop_cuts_an_image_that_fits():
    image = pictures((32, 32))
    small = preprocess(crop_pct=0.5).geometry(image)
    assert small.shape == (1, 3, 32, 32)
    assert not torch.equal(small, preprocess(crop_pct=1.0).geometry(image))


def test_normalising_by_hand():
    batch = torch.tensor([0, 255, 51], dtype=torch.uint8).view(1, 3, 1, 1)
    expected = [(0 - 0.485) / 0.229, (1 - 0.456) / 0.224, (0.2 - 0.406) / 0.225]
    found = preprocess().normalise(batch)
    assert found.dtype == torch.float32
    assert found.flatten().tolist() == pytest.approx(expected, abs=1e-6)


def test_decoded_images_are_not_changed():
    images = pictures((32, 32), (40, 50))
    copies = [image.copy() for image in images]
    ours = preprocess(crop_pct=1.0)
    ours.normalise(ours.geometry(images)).zero_()
    ours.geometry(images[:1]).zero_()
    for image, copy in zip(images, copies, strict=True):
        np.testing.assert_array_equal(image, copy)
