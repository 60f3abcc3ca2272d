"""Feature maps of image towers."""

import json

import numpy as np
import open_clip
import pytest
import torch

from pipeline_lib.artifacts.vlp import CONFIG_FILE, write_vlp
from pipeline_lib.encoders.extractor import extractor
from pipeline_lib.encoders.frozen import Frozen, write_frozen
from pipeline_lib.encoders.vlp.image_tower import image_tower
from pipeline_lib.encoders.vlp.load import load
from pipeline_lib.encoders.vlp.tower_map import TowerMap, described, tower_map
from pipeline_lib.errors import InputError
from pipeline_lib.params.maps import Maps
from tests.encoders.vlp.models import PATCHES, VISION, clip, config, images

KINDS = sorted(VISION)
SEEN = {
    "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4],
    "interpolation": "bicubic", "resize_mode": "squash",
}  # fmt: skip


def written(folder, kind, **more):
    """Write a model as stage ``vlp`` does."""
    whole = {"model_cfg": config(kind) | more, "preprocess_cfg": SEEN}
    torch.manual_seed(0)
    model = open_clip.CLIP(**whole["model_cfg"]).eval()
    arrays = {name: value.numpy() for name, value in model.state_dict().items()}
    write_vlp(folder, arrays, whole, open_clip.SimpleTokenizer(), [])
    return folder


def maps(folder, **changes):
    values = {"layer": "last", "batch_size": 3, "precision": "float32"}
    return Maps.model_validate({"backbone": "none", "weights": str(folder)} | values | changes)


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (70 + i, 50, 3), dtype=np.uint8) for i in range(4)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_has_a_cell_for_each_patch_and_its_vector_is_the_towers_own(kind):
    model, inputs = clip(kind), images(kind)
    with torch.no_grad():
        found, pooled = TowerMap(image_tower(model.visual, "toy"), config(kind))(inputs)
        expected = model.encode_image(inputs)
    assert found.shape[2] * found.shape[3] == PATCHES[kind]
    torch.testing.assert_close(pooled, expected)


def pooled_as_the_tower_does(visual, kind, found):
    """Pool and project a map alone, by the tower's own last layers."""
    tokens = found.flatten(2).transpose(1, 2)
    match kind:
        case "averaged":
            return visual.ln_post(tokens).mean(1) @ visual.proj
        case "norm behind":
            return visual.ln_post(tokens.mean(1)) @ visual.proj
        case "resnet":
            return visual.attnpool(found)
        case "timm vit, averaged":
            with_class = torch.cat([torch.full_like(tokens[:, :1], 9.0), tokens], 1)
            return visual.head(visual.trunk.forward_head(with_class))
        case _:
            return visual.head(visual.trunk.forward_head(found))


@pytest.mark.parametrize(
    "kind",
    ["averaged", "norm behind", "resnet", "timm resnet", "timm convnext", "timm vit, averaged"],
)
def test_a_map_pooled_and_projected_as_the_tower_does_is_the_image_embedding(kind):
    model, inputs = clip(kind), images(kind)
    with torch.no_grad():
        found, _ = TowerMap(image_tower(model.visual, "toy"), config(kind))(inputs)
        pooled = pooled_as_the_tower_does(model.visual, kind, found)
        torch.testing.assert_close(pooled, model.encode_image(inputs))


def test_cells_lie_where_their_pixels_do():
    tower = TowerMap(image_tower(clip("averaged").visual, "toy"), config("averaged"))
    other = images("averaged", 1)
    other[..., 24:, :8] += 9.0  # below, left: cell (3, 0) of 4 x 4
    with torch.no_grad():
        moved = (tower(other)[0] - tower(images("averaged", 1))[0]).norm(dim=1)[0]
    assert np.unravel_index(int(moved.argmax()), (4, 4)) == (3, 0)


@pytest.mark.parametrize("kind", ["transformer", "resnet", "timm resnet", "timm vit"])
@pytest.mark.parametrize("quick", [False, True])
def test_what_is_stored_is_of_the_models_own_pixels_and_is_made_again_of_the_file(
    tmp_path, pictures, kind, quick
):
    params = maps(written(tmp_path / "towers", kind, quick_gelu=quick))
    encoder = extractor(params, "cpu", pictures)
    found = encoder.encode(pictures)
    model = load(tmp_path / "towers")
    inputs = model.preprocess.normalise(model.preprocess.geometry(pictures))
    with torch.no_grad():
        expected = model.model.visual(inputs).pooled
    np.testing.assert_allclose(found["pooled"], expected.numpy(), atol=3e-3, rtol=3e-3)
    assert model.preprocess.mean == tuple(SEEN["mean"])

    write_frozen(tmp_path / "network.safetensors", params, encoder.network, {})
    again = Frozen.read(tmp_path / "network.safetensors", "cpu")
    stored = again.maps(again.preprocess.geometry(pictures))
    for name, rows in found.items():
        np.testing.assert_array_equal(stored[name].numpy(), rows)


def test_weights_of_another_tower_are_refused(tmp_path, pictures):
    params = maps(written(tmp_path / "towers", "transformer"))
    network = extractor(params, "cpu", pictures).network
    network.model.config["vision_cfg"] = VISION["transformer"] | {"layers": 3}
    write_frozen(tmp_path / "n.safetensors", params, network, {})
    expected = r"not weights of 'image tower, 3 layers of 32': the file lacks"
    with pytest.raises(InputError, match=expected):
        Frozen.read(tmp_path / "n.safetensors", "cpu")


def test_another_model_has_other_parts(tmp_path, pictures):
    one = extractor(maps(written(tmp_path / "towers", "resnet")), "cpu", pictures)
    written(tmp_path / "towers", "resnet", quick_gelu=True)
    other = extractor(maps(tmp_path / "towers"), "cpu", pictures)
    assert one.weights != other.weights is not None


def test_nothing_is_downloaded_for_a_tower_whose_trunk_was(tmp_path):
    folder = written(tmp_path / "towers", "timm resnet")
    whole = json.loads((folder / CONFIG_FILE).read_text())
    vision = whole["model_cfg"]["vision_cfg"] | {"timm_model_pretrained": True}
    found = TowerMap.empty(whole["model_cfg"] | {"vision_cfg": vision})
    theirs = tower_map(folder)[0]
    assert found.trunk.state_dict().keys() == theirs.trunk.state_dict().keys()


@pytest.mark.parametrize(
    ("kind", "model"),
    [("timm vit", "test_vit"), ("transformer", "image tower, 2 layers of 32")],
)
def test_a_header_names_the_tower(kind, model):
    size = VISION[kind]["image_size"]
    assert described(config(kind)) == {"model": model, "image_size": size}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"weights": "data/none"},
            "backbone is none and weights is data/none, expected the folder",
        ),
        ({"layer": 2}, "layer is 2, expected 'last': it is read only where backbone is a model"),
    ],
)
def test_a_tower_needs_a_model_and_has_one_map(tmp_path, changes, expected):
    with pytest.raises(ValueError, match=expected):
        maps(tmp_path, **changes)
