"""A timm tower that starts behind its last map."""

import open_clip
import pytest
import torch

from pipeline_lib.encoders.vlp.towers import Towers
from pipeline_lib.errors import InputError
from pipeline_lib.nn.feature_grid import as_grid
from tests.encoders.vlp.models import VISION, clip, images

KINDS = ["timm resnet", "timm convnext", "timm vit, averaged"]


def maps_of(kind):
    """Return the towers, what they see of images, and the maps of these as stages store them."""
    towers, inputs = Towers(clip(kind), "toy").requires_grad_(False), images(kind)
    with torch.no_grad():
        seen = towers.visual(inputs)
        maps = as_grid(towers.visual.last(inputs), towers.visual.visual.trunk)
    return towers, seen, maps


@pytest.mark.parametrize("kind", KINDS)
def test_maps_are_seen_as_the_images_are_that_they_were_made_of(kind):
    towers, expected, maps = maps_of(kind)
    tower = towers.read_maps(maps.shape[1:], VISION[kind]["image_size"])
    assert towers.visual is tower
    with torch.no_grad():
        found = tower(maps)
    torch.testing.assert_close(found.pooled, expected.pooled)
    torch.testing.assert_close(found.patches, expected.patches)
    torch.testing.assert_close(found.features, expected.features)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_to_train_is_what_a_pooled_vector_depends_on(kind):
    towers, _, maps = maps_of(kind)
    tower = towers.read_maps(maps.shape[1:], VISION[kind]["image_size"])
    (names,) = tower.blocks()
    assert not any(p.requires_grad for p in tower.parameters())
    tower.requires_grad_(True)
    tower(maps).pooled.sum().backward()
    assert {n for n, p in tower.named_parameters() if p.grad is not None} == set(names)
    assert any("visual.head" in name for name in names)
    assert any("trunk" in name for name in names) == (kind == "timm convnext")  # its last norm


def test_patches_are_projected_when_somebody_asks_for_them():
    towers, _, maps = maps_of("timm resnet")
    tower, asked = towers.read_maps(maps.shape[1:], 64), []
    tower.visual.head.register_forward_hook(lambda *_: asked.append(1))
    with torch.no_grad():
        seen = tower(maps)
    assert len(asked) == 1
    assert seen.patches is seen.patches
    assert len(asked) == 2


def test_a_trunk_that_pools_its_class_token_is_refused():
    towers, _, maps = maps_of("timm vit")
    with pytest.raises(InputError, match="pools its class token, which no map has, expected one"):
        towers.read_maps(maps.shape[1:], 160)


def test_a_tower_without_a_trunk_of_timm_is_refused():
    with pytest.raises(InputError, match="the image tower is a VisionTransformer, expected one wi"):
        Towers(clip("transformer"), "toy").read_maps((32, 4, 4), 32)


def test_maps_of_another_shape_are_refused():
    towers, _, maps = maps_of("timm resnet")
    shape = (maps.shape[1], 8, 8)
    expected = (
        rf"maps of \({maps.shape[1]}, 8, 8\), and the trunk .* \({maps.shape[1]}, 2, 2\) of 64"
    )
    with pytest.raises(InputError, match=expected):
        towers.read_maps(shape, 64)


def test_sentences_are_encoded_by_the_towers_own_tokenizer():
    tokenizer = open_clip.SimpleTokenizer(context_length=16)
    model = clip()
    towers = Towers(model, "toy", tokenizer=tokenizer)
    sentences = [f"a photo of {n} boats" for n in range(70)]  # more than are encoded at a time
    with torch.no_grad():
        expected = towers.text(tokenizer(sentences))
    torch.testing.assert_close(towers.text.sentences(sentences), expected)
    with pytest.raises(InputError, match="the text tower came without a tokenizer, expected that"):
        Towers(model, "toy").text.sentences(sentences)
