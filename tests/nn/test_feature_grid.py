"""Features of every layout as maps."""

from typing import Any

import pytest
import timm
import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.methods.base.fit import fit as fit_base
from pipeline_lib.methods.csrms.fit import fit as fit_csrms
from pipeline_lib.nn.feature_grid import as_grid, channels_last, last_map
from pipeline_lib.training.encoding import pooled
from tests.methods.toy import base, csrms, data, knowledge, run

SIDE = 64
SWIN: dict[str, Any] = {
    "img_size": SIDE,
    "embed_dim": 8,
    "depths": (1, 1),
    "num_heads": (1, 2),
    "window_size": 4,
    "num_classes": 0,
}


def swin(**changes: Any) -> nn.Module:
    """A Swin transformer of 16 dims with a map of 8 x 8: its channels come last."""
    torch.manual_seed(0)
    return timm.create_model("swin_tiny_patch4_window7_224", **SWIN | changes).eval()


def images(count: int = 2) -> Tensor:
    return torch.rand(count, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


def test_tokens_are_laid_out_row_by_row():
    net = timm.create_model("test_vit", num_classes=0)
    tokens = torch.arange(101.0).view(1, 101, 1)  # 0 is the class token
    grid = as_grid(tokens, net)
    assert grid.shape == (1, 1, 10, 10)
    assert grid[0, 0, 0].tolist() == list(range(1, 11))
    assert grid[0, 0, 3, 4] == 1 + 3 * 10 + 4


@torch.no_grad()
def test_maps_whose_channels_come_last_are_turned():
    net = swin()
    assert channels_last(net)
    found, raw = last_map(net, images()), net.forward_features(images())
    assert found.shape == (2, 16, 8, 8)
    for y, x in ((0, 0), (2, 5), (7, 7)):
        assert torch.equal(found[:, :, y, x], raw[:, y, x])
    torch.testing.assert_close(found.mean((2, 3)), net(images()))


@torch.no_grad()
def test_a_model_that_does_not_pool_is_averaged_over_positions_whatever_its_layout():
    torch.testing.assert_close(pooled(swin(global_pool=""), images()), swin()(images()))
    plain = timm.create_model("test_resnet", num_classes=0, global_pool="").eval()
    torch.testing.assert_close(pooled(plain, images()), plain(images()).mean((2, 3)))


@pytest.mark.parametrize("pool", ["avg", ""])
def test_methods_on_images_take_a_backbone_whose_channels_come_last(pool):
    small: dict[str, Any] = {"img_size": 8, "patch_size": 2, "window_size": 2, "global_pool": pool}
    for fitted in (
        fit_base(data(), {}, swin(**small), base(), seed=0, run=run()),
        fit_csrms(data(), knowledge(), swin(**small), csrms(), seed=0, run=run()),
    ):
        assert fitted.features["test"].shape == (10, 16)


def test_features_that_form_no_grid_are_refused():
    net = timm.create_model("test_vit", num_classes=0)
    expected = r"backbone 'test_vit' gives features of shape \(99, 64\), expected a map or patch"
    with pytest.raises(InputError, match=expected):
        as_grid(torch.zeros(1, 99, 64), net)
    with pytest.raises(InputError, match=r"'Identity' gives features of shape \(4,\), .*choose"):
        last_map(nn.Identity(), torch.zeros(1, 4))
