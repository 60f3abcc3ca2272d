"""Encoding of whole splits."""

from collections.abc import Sequence

import pytest
import torch
from torch import nn

from pipeline_lib.encoders.vision import build
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.encoding import BATCH, encode, pooled, width


def fetch(rows: Sequence[int]) -> torch.Tensor:
    return torch.tensor(rows).float().view(-1, 1, 1, 1).expand(-1, 3, 2, 2)


@pytest.fixture
def encoder() -> nn.Module:
    """Doubles the row; batch norm, which would tell training from evaluation."""
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(3, affine=False))
    net[2].running_var.fill_(0.25)
    return net


@pytest.mark.parametrize("count", [1, BATCH, BATCH + 1])
def test_features_come_in_order_and_from_evaluation_mode(encoder, count):
    found = encode(encoder.train(), Pictures(range(count), fetch))
    assert found.shape == (count, 3)
    torch.testing.assert_close(found[:, 0], 2 * torch.arange(count).float(), rtol=1e-4, atol=0)
    assert encoder[2].num_batches_tracked == 0


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_put_back(encoder, training):
    encoder.train(training)
    encode(encoder, Pictures([1], fetch))
    assert encoder.training is training
    assert encoder[2].training is training


def test_features_are_constants_that_can_be_trained_with():
    linear = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    features = encode(linear, Pictures([1, 2], fetch))
    assert not features.requires_grad
    head = nn.Linear(2, 1)
    head(features).sum().backward()
    assert head.weight.grad is not None


def test_features_are_float32_whatever_the_network_computes_in():
    half = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()).to(torch.bfloat16)

    class Half(nn.Module):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            return half(batch.bfloat16())

    assert encode(Half(), Pictures([1], fetch)).dtype == torch.float32


@pytest.mark.parametrize("model", ["lenet5", "resnet18", "mobilenetv3_small_050"])
def test_width_is_what_a_timm_model_without_classifier_gives(model):
    # in MobileNetV3 `num_features` is the width before the last convolution
    backbone = Backbone(model=model, pretrained=False, image_size=32)
    net = build(backbone, None, num_classes=0, seed=0).model.eval()
    with torch.inference_mode():
        assert net(torch.zeros(1, 3, 32, 32)).shape == (1, width(net))


def test_maps_are_averaged_over_positions_and_vectors_stay():
    maps = torch.arange(24.0).view(1, 2, 3, 4)
    assert pooled(nn.Identity(), maps).tolist() == [[5.5, 17.5]]
    vectors = torch.ones(3, 2)
    assert pooled(nn.Identity(), vectors) is vectors
