import pytest
import timm
import torch
from torch.nn import functional as F

from pipeline_lib.encoders.lenet import SMALLEST, LeNet5
from pipeline_lib.errors import InputError


def test_timm_builds_it_by_name():
    model = timm.create_model("lenet5", num_classes=7, img_size=64)
    assert isinstance(model, LeNet5)
    assert model(torch.zeros(2, 3, 64, 64)).shape == (2, 7)
    assert timm.list_models("lenet*") == ["lenet5"]


@pytest.mark.parametrize(("size", "side"), [(32, 5), (64, 13)])
def test_shapes_of_every_layer(size, side):
    # (size - 4) / 2 after the first pooling, (that - 4) / 2 after the second
    model = LeNet5(10, img_size=size)
    maps = model.forward_features(torch.zeros(2, 3, size, size))
    assert maps.shape == (2, 16, side, side)
    assert model.forward_head(maps, pre_logits=True).shape == (2, 84)
    assert model.forward_head(maps).shape == (2, 10)
    widths = [p.shape[0] for name, p in model.named_parameters() if name.endswith("weight")]
    assert widths == [6, 16, 120, 84, 10]


def test_parameters_by_hand():
    # 6(3*25 + 1) + 16(6*25 + 1) + 120(16*5*5 + 1) + 84(120 + 1) + 10(84 + 1)
    assert sum(p.numel() for p in LeNet5(10).parameters()) == 62_006


def test_it_computes_what_lecun_drew(rng):
    model = LeNet5(10)
    w = dict(model.named_parameters())
    x = images = torch.randn(2, 3, 32, 32, generator=rng)
    for layer in ("features.0", "features.3"):
        x = F.conv2d(x, w[f"{layer}.weight"], w[f"{layer}.bias"])
        x = F.max_pool2d(x.clamp(min=0), 2)
    x = x.flatten(1)
    for layer in ("hidden.1", "hidden.3"):
        x = (x @ w[f"{layer}.weight"].T + w[f"{layer}.bias"]).clamp(min=0)
    torch.testing.assert_close(model.forward_head(model.features(images), pre_logits=True), x)
    torch.testing.assert_close(model(images), x @ w["head.weight"].T + w["head.bias"])


def test_without_classes_it_returns_its_84_features(rng):
    images = torch.randn(2, 3, 32, 32, generator=rng)
    model = LeNet5(10)
    before = model.forward_head(model.forward_features(images), pre_logits=True)
    model.reset_classifier(0)
    assert torch.equal(model(images), before)
    assert (model.num_classes, model.num_features) == (0, 84)
    assert not list(model.get_classifier().parameters())
    model.reset_classifier(3)
    assert model(images).shape == (2, 3)
    assert model.get_classifier().out_features == model.num_classes == 3


def test_the_smallest_picture_leaves_one_pixel_and_a_smaller_one_is_refused():
    model = LeNet5(10, img_size=SMALLEST)
    assert model.forward_features(torch.zeros(1, 3, SMALLEST, SMALLEST)).shape == (1, 16, 1, 1)
    with pytest.raises(InputError, match=r"lenet5: image_size is 15 pixels, expected at least 16"):
        LeNet5(10, img_size=SMALLEST - 1)


@pytest.mark.parametrize("size", [17, 18, 19, 20, 33])
def test_odd_sizes_work(size):
    assert LeNet5(2, img_size=size)(torch.zeros(1, 3, size, size)).shape == (1, 2)


def test_grey_pictures_work():
    assert LeNet5(2, in_chans=1)(torch.zeros(1, 1, 32, 32)).shape == (1, 2)
