"""Cut-outs of pictures and what a network makes of them."""

import numpy as np
import pytest
import timm
import torch

from pipeline_lib.encoders.crops import (
    LARGEST,
    Crops,
    cut_out,
    pixel_boxes,
    reduced,
    reduced_size,
    steady,
)
from pipeline_lib.encoders.feature_map import FeatureMap
from pipeline_lib.encoders.frozen import Frozen
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError

HALF = (0.5, 0.5, 0.5)
SEEN = Preprocess(64, HALF, HALF, "bicubic", 0.9, "center")
GREY = np.array([128, 128, 128], np.uint8)


def network(name: str = "test_resnet", batch_size: int = 4) -> Frozen:
    torch.manual_seed(0)
    model = FeatureMap(timm.create_model(name, num_classes=0), "last")
    return Frozen(model.eval(), SEEN, batch_size, "float32", "cpu")


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def test_boxes_are_whole_pixels_and_none_is_empty():
    hulls = np.array([[0.1, 0.25, 0.5, 0.76], [0.5, 0.5, 0.5, 0.5], [-9.0, -0.2, 9.0, 1.2]])
    assert pixel_boxes(hulls, 30, 20).tolist() == [
        [3, 5, 15, 15],
        [15, 10, 16, 11],
        [-15, -4, 45, 24],  # what reaches farther than half a picture beyond shows border there
    ]


def test_a_cut_out_is_what_the_box_shows_with_border_beyond(picture):
    assert np.array_equal(cut_out(picture, [3, 5, 15, 15], GREY), picture[5:15, 3:15])
    found = cut_out(picture, [-2, -1, 4, 3], GREY)
    assert found.shape == (4, 6, 3)
    assert np.array_equal(found[1:, 2:], picture[:3, :4])
    assert (found[0] == GREY).all()
    assert (found[:, :2] == GREY).all()
    outside = cut_out(picture, [40, 0, 45, 5], GREY)
    assert (outside == GREY).all()


def test_large_pictures_are_reduced_and_others_are_not(picture):
    assert reduced(picture) is picture
    large = np.kron(picture, np.ones((1, 100, 1), np.uint8))  # 3000 wide, 20 high
    assert reduced(large).shape == (7, LARGEST, 3)
    assert reduced_size(3000, 20) == (LARGEST, 7)
    assert reduced_size(1, 5000) == (1, LARGEST)


def test_a_vector_is_the_mean_of_the_map_of_the_resized_cut_out(picture):
    encode, cuts = network(), [picture[:8, :8], picture, picture[2:6]]
    found = Crops(encode, 32)(cuts)
    whole = Preprocess(32, HALF, HALF, "bicubic", 1.0, "squash")
    with torch.no_grad():
        maps, _ = encode.model(whole.normalise(whole.geometry(cuts)))
    torch.testing.assert_close(found.float(), maps.mean((2, 3)), atol=2e-3, rtol=2e-3)


def test_border_is_nothing_to_the_network():
    crops = Crops(network(), 16)
    flat = crops.encode.preprocess.normalise(torch.from_numpy(crops.border).view(1, 3, 1, 1))
    assert flat.abs().max() < 1 / 255 / 0.5


def test_bits_do_not_depend_on_how_many_are_encoded(picture):
    crops = Crops(network(), 32)
    cuts = [picture[:, place : place + 9] for place in range(11)]
    together = crops(cuts)
    for place, cut in enumerate(cuts):
        assert torch.equal(crops([cut])[0], together[place])
    assert steady(crops, cuts) == crops


def test_what_depends_on_its_neighbours_is_encoded_singly(picture):
    class Mixed(FeatureMap):
        def forward(self, images):
            maps, pooled = super().forward(images)
            return maps + maps.mean(0, keepdim=True), pooled

    encode = network()
    crops = Crops(Frozen(Mixed(encode.model.model, "last"), SEEN, 4, "float32", "cpu"), 32)
    cuts = [picture[:, place : place + 9] for place in range(4)]
    assert steady(crops, cuts).encode.batch_size == 1


def test_a_network_of_one_size_is_told_it():
    encode = network("test_vit")
    assert Crops(encode, 64).size == 64
    with pytest.raises(
        InputError, match=r"image_size is 32, and 'test_vit' takes pictures of 64 pixels alone"
    ):
        Crops(encode, 32)
