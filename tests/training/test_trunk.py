"""How much of a backbone is trained, and the maps it gives."""

import pytest
import timm
import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.trunk import Trunk
from tests.methods.toy_maps import DIMS, Passing, data, maps


def images(count: int = 5, size: int = 32) -> Pictures:
    pixels = torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(0))
    return Pictures(range(count), lambda rows: pixels[list(rows)])


def first(some: Pictures) -> Tensor:
    return some.batch(torch.tensor([0]))


def resnet(trained: str) -> Trunk:
    torch.manual_seed(0)
    encoder = timm.create_model("resnet10t", num_classes=0)
    return Trunk(encoder, first(images()), trained=trained)


def test_a_timm_network_gives_its_last_map():
    trunk = resnet("frozen").eval()
    batch = images().batch(torch.arange(2))
    assert trunk.dims == 512
    assert torch.equal(trunk(batch), trunk.encoder.forward_features(batch))


def test_maps_that_were_computed_before_pass():
    trunk = Trunk(Passing(), maps()[:1], trained="frozen")
    assert trunk.dims == DIMS
    assert torch.equal(trunk(maps()), maps())


def test_patch_tokens_are_laid_out_as_in_the_image():
    encoder = timm.create_model("vit_tiny_patch16_224", num_classes=0, img_size=32)
    trunk = Trunk(encoder, first(images()), trained="frozen").eval()
    batch = images().batch(torch.arange(2))
    found, tokens = trunk(batch), encoder.forward_features(batch)
    assert found.shape == (2, 192, 2, 2)
    for y in range(2):
        for x in range(2):
            torch.testing.assert_close(found[:, :, y, x], tokens[:, 1 + 2 * y + x])


@pytest.mark.parametrize("trained", ["frozen", "last_block", "all"])
def test_channels_that_come_last_are_the_dims(trained):
    encoder = timm.create_model("test_mambaout", num_classes=0)
    trunk = Trunk(encoder, first(images(size=64)), trained=trained).eval()
    trunk.standardise(images(size=64))
    assert trunk.dims == 64
    found = trunk(images(size=64).batch(torch.arange(5)))
    assert found.shape == (5, 64, 2, 2)
    torch.testing.assert_close(found.mean((0, 2, 3)), torch.zeros(64), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("trained", "moved"),
    [("frozen", set()), ("last_block", {"layer4"}), ("all", {"conv1", "layer1", "layer4"})],
)
def test_gradients_reach_what_is_trained_and_nothing_else(trained, moved):
    trunk = resnet(trained)
    found = trunk(images().batch(torch.arange(4)))
    if moved:
        found.square().sum().backward()
    with_gradient = {
        name.split(".")[0] for name, p in trunk.encoder.named_parameters() if p.grad is not None
    }
    assert found.requires_grad is bool(moved)
    assert moved <= with_gradient
    assert ("layer1" in with_gradient) is (trained == "all")


@pytest.mark.parametrize("trained", ["frozen", "last_block", "all"])
def test_batch_norms_of_the_frozen_part_stay_as_they_are(trained):
    trunk = resnet(trained).train()
    before = {n: b.clone() for n, b in trunk.encoder.named_buffers()}
    trunk(images().batch(torch.arange(4)))
    moved = {
        n.split(".")[0] for n, b in trunk.encoder.named_buffers() if not torch.equal(before[n], b)
    }
    assert ("layer4" in moved) is (trained != "frozen")
    assert ("layer1" in moved) is (trained == "all")


def test_evaluation_mode_reaches_everything():
    trunk = resnet("last_block").train()
    assert trunk.encoder.layer4.training
    assert not any(m.training for m in trunk.eval().modules())


def test_standardised_channels_have_mean_0_and_deviation_1_over_the_training_images():
    trunk = Trunk(Passing(), maps()[:1], trained="frozen")
    trunk.standardise(data().train)
    pooled = trunk(maps()[: len(data().train)]).mean((2, 3))
    torch.testing.assert_close(pooled.mean(0), torch.zeros(DIMS), atol=1e-5, rtol=0)
    torch.testing.assert_close(pooled.std(0, correction=0), torch.ones(DIMS))


def test_a_constant_channel_becomes_0():
    flat = Pictures(range(3), lambda rows: torch.full((len(rows), 2, 2, 2), 7.0))
    trunk = Trunk(Passing(), first(flat), trained="frozen")
    trunk.standardise(flat)
    assert trunk(torch.full((1, 2, 2, 2), 7.0)).tolist() == [[[[0, 0], [0, 0]]] * 2]


def test_last_block_needs_a_network_with_blocks():
    with pytest.raises(InputError, match=r"last_block, and Passing has no blocks.*frozen or all"):
        Trunk(Passing(), maps()[:1], trained="last_block")


def test_a_backbone_without_maps_is_refused():
    flat = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 4))
    with pytest.raises(InputError, match=r"features of shape \(4,\), expected a map"):
        Trunk(flat, first(images()), trained="frozen")
