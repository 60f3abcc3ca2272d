"""Maps and pooled features of real timm models, small ones."""

import numpy as np
import pytest
import timm
import torch
from torch import Tensor, nn

from pipeline_lib.encoders.feature_map import FeatureMap
from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError
from pipeline_lib.settings.backbone import DenseBackbone

# model, image size, map of the last layer
MODELS = {
    "test_resnet": (64, (96, 2, 2)),
    "test_mambaout": (64, (64, 2, 2)),  # channels last inside
    "test_vit": (160, (64, 10, 10)),  # tokens with a class token
    "test_vit_relpos": (160, (96, 10, 10)),  # tokens without
    "lenet5": (32, (16, 5, 5)),
}


def network(name: str) -> nn.Module:
    torch.manual_seed(0)
    return timm.create_model(name, num_classes=0).eval()


def images(size: int, count: int = 2) -> Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(0))


def found(net: nn.Module, layer: str | int, some: Tensor) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        return FeatureMap(net, layer)(some)


@pytest.mark.parametrize("name", MODELS)
def test_the_last_map_and_what_the_model_pools(name):
    size, shape = MODELS[name]
    net, some = network(name), images(size)
    maps, pooled = found(net, "last", some)
    assert maps.shape == (2, *shape)
    with torch.no_grad():
        torch.testing.assert_close(pooled, net(some).flatten(1))


@pytest.mark.parametrize("name", ["test_resnet", "test_mambaout"])
def test_the_mean_of_a_convolutional_map_is_what_is_pooled(name):
    net, some = network(name), images(64)
    maps, _ = found(net, "last", some)
    with torch.no_grad():
        features = net.forward_features(some)
    mean = features.mean((1, 2) if name == "test_mambaout" else (2, 3))
    torch.testing.assert_close(maps.mean((2, 3)), mean)


@pytest.mark.parametrize("name", ["test_resnet", "test_mambaout"])
def test_stages_are_those_of_timms_feature_info(name):
    net, some = network(name), images(64)
    for layer, info in enumerate(net.feature_info):
        maps, pooled = found(net, layer, some)
        side = 64 // info["reduction"]
        assert maps.shape == (2, info["num_chs"], side, side), layer
        torch.testing.assert_close(pooled, found(net, "last", some)[1])


def test_an_inner_block_of_a_vision_transformer_is_refused_as_the_last_has_the_same_grid():
    net, some = network("test_vit"), images(160)
    maps, pooled = found(net, 5, some)
    assert maps.shape == (2, 64, 10, 10)
    torch.testing.assert_close(pooled, found(net, "last", some)[1])
    with pytest.raises(InputError, match=r"maps\.layer is 4, which in 'test_vit' is block 5 of 6"):
        found(net, 4, some)


@pytest.mark.parametrize(
    ("name", "layer"),
    [("test_resnet", "last"), ("test_resnet", 0), ("test_mambaout", "last"), ("test_mambaout", 0),
     ("test_vit", "last"), ("test_vit", 5)],
)  # fmt: skip
def test_a_bright_corner_lights_up_in_its_corner(name, layer):
    size = MODELS[name][0]
    net = network(name)
    some = torch.zeros(2, 3, size, size)
    some[0, :, : size // 4, -size // 4 :] = 3  # top right
    maps, _ = found(net, layer, some)
    change = (maps[0] - maps[1]).abs().sum(0)
    row, column = np.unravel_index(int(change.argmax()), change.shape)
    assert row < change.shape[0] / 2
    assert column >= change.shape[1] / 2


@pytest.mark.parametrize(
    ("name", "layer", "message"),
    [
        ("test_resnet", 5, "maps.layer is 5, expected last or at most 4, as 'test_resnet' has 5"),
        ("test_vit", 99, "maps.layer is 99, expected last or at most 5, as 'test_vit' has 6"),
        ("lenet5", 0, "maps.layer is 0, expected last, as 'lenet5' has 0 stages to choose from"),
    ],
)
def test_a_layer_that_is_not_there_is_named(name, layer, message):
    with pytest.raises(InputError, match=message):
        found(network(name), layer, images(MODELS[name][0]))


class Pooling(nn.Module):
    """A model whose features are no map."""

    num_features = 3

    def forward_features(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        return x


def test_features_that_form_no_grid_are_refused():
    expected = r"'Pooling' gives features of shape \(3,\), expected a map or patch tokens; choose"
    with pytest.raises(InputError, match=expected):
        found(Pooling(), "last", images(8))


def dense(model: str, output_stride: int) -> DenseBackbone:
    return DenseBackbone(
        model=model, pretrained=False, image_size=0, output_stride=output_stride
    )  # fmt: skip


@pytest.mark.parametrize(("stride", "cells"), [(0, 2), (32, 2), (16, 4), (8, 8)])
def test_a_smaller_output_stride_gives_more_cells_from_the_same_weights(stride, cells):
    vision = build(dense("test_resnet", stride), None, num_classes=0, seed=0)
    maps, _ = found(vision.model.eval(), "last", images(64))
    assert maps.shape == (2, 96, cells, cells)
    plain = build(dense("test_resnet", 0), None, num_classes=0, seed=0).model
    vision.model.load_state_dict(plain.state_dict())


@pytest.mark.parametrize("model", ["test_vit", "lenet5", "test_convnext"])
def test_an_output_stride_that_a_model_does_not_have_is_refused(model):
    expected = rf"model '{model}' has no output_stride of 8 in timm .*; set output_stride: 0 and a"
    if model == "test_convnext":  # has one
        assert build(dense(model, 8), None, num_classes=0, seed=0)
        return
    with pytest.raises(InputError, match=expected):
        build(dense(model, 8), None, num_classes=0, seed=0)
