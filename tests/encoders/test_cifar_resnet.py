"""ResNets for pictures of 32 pixels."""

import pytest
import timm
import torch

from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError
from pipeline_lib.settings.backbone import Backbone, DenseBackbone


@pytest.mark.parametrize(("depth", "dims"), [(18, 512), (50, 2048)])
def test_the_last_map_of_32_pixels_has_sixteen_cells(depth, dims):
    backbone = Backbone(model=f"resnet{depth}_cifar")
    found = build(backbone, None, num_classes=0, seed=0)
    assert found.preprocess.size == 32
    images = torch.randn(2, 3, 32, 32)
    assert found.model.forward_features(images).shape == (2, dims, 4, 4)
    assert found.model(images).shape == (2, dims)
    assert [level["reduction"] for level in found.model.feature_info] == [1, 1, 2, 4, 8]
    usual = timm.create_model(f"resnet{depth}", num_classes=0)
    assert usual.forward_features(images).shape == (2, dims, 1, 1)


def test_all_but_the_stem_is_timms_own():
    ours = build(Backbone(model="resnet18_cifar"), None, num_classes=10, seed=0).model
    theirs = timm.create_model("resnet18", num_classes=10)
    shapes = {name: value.shape for name, value in theirs.state_dict().items()}
    for name, value in ours.state_dict().items():
        assert value.shape == ((64, 3, 3, 3) if name == "conv1.weight" else shapes[name])
    images = torch.randn(2, 3, 32, 32)
    theirs.load_state_dict({n: v for n, v in ours.state_dict().items() if n != "conv1.weight"},
                           strict=False)  # fmt: skip
    for network in (ours, theirs):
        network.eval()
    after = ours.act1(ours.bn1(ours.conv1(images)))
    expected = theirs.layer4(theirs.layer3(theirs.layer2(theirs.layer1(after))))
    torch.testing.assert_close(ours.forward_features(images), expected)


def test_there_is_no_dilated_variant():
    dense = DenseBackbone(model="resnet18_cifar", output_stride=8)
    with pytest.raises(InputError, match="resnet18_cifar' has no output_stride of 8"):
        build(dense, None, num_classes=0, seed=0)
