import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from torch import nn

from pipeline_lib.encoders.extractor import extractor
from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import file_digest

CONFIG = {
    "input_size": (3, 8, 8), "crop_pct": 1.0, "interpolation": "bilinear", "num_classes": 0,
    "mean": (0.5,) * 3, "std": (0.5,) * 3, "classifier": "head",
}  # fmt: skip
# timm finds this by name when the models below are registered
default_cfgs = generate_default_cfgs(
    {f"{name}.untrained": CONFIG for name in ("neighbourly", "ordinal", "crowded")}
)


class Neighbourly(nn.Module):
    """Subtracts the mean of the batch, so that a row depends on its neighbours."""

    def __init__(self, num_classes: int = 0, in_chans: int = 3, **_: object) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pooled = x.mean((2, 3))
        return pooled - pooled.mean(0)


class Ordinal(Neighbourly):
    """Adds to each row its place in the batch."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3)) + torch.arange(len(x))[:, None]


class Crowded(Neighbourly):
    """Adds to each row how many of the batch are not black: the order does not matter."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3)) + (x.amax((1, 2, 3)) > -1).sum()


@register_model
def neighbourly(pretrained: bool = False, **options: object) -> nn.Module:
    return build_model_with_cfg(Neighbourly, "neighbourly", pretrained, **options)


@register_model
def ordinal(pretrained: bool = False, **options: object) -> nn.Module:
    return build_model_with_cfg(Ordinal, "ordinal", pretrained, **options)


@register_model
def crowded(pretrained: bool = False, **options: object) -> nn.Module:
    return build_model_with_cfg(Crowded, "crowded", pretrained, **options)


@pytest.fixture
def images():
    """Ten pictures of different sizes."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (8 + i, 40 - i, 3), dtype=np.uint8) for i in range(10)]


def test_vectors_are_those_of_the_model(images, features, weights):
    params = features(weights=weights(), batch_size=4)
    vision = build(params.backbone, weights(), num_classes=0, seed=0)
    with torch.inference_mode():
        inputs = vision.preprocess.normalise(vision.preprocess.geometry(images))
        expected = vision.model.eval()(inputs).numpy()
    found = extractor(params, "cpu", images[:4]).encode(images)["global"]
    assert (found.shape, found.dtype) == ((10, 84), np.float32)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("model", ["lenet5", "test_resnet.r160_in1k", "test_vit.r160_in1k"])
def test_how_many_are_encoded_at_a_time_changes_no_bit(images, features, model):
    encoder = extractor(features(model), "cpu", images[:4])
    whole = encoder.encode(images)["global"]
    alone = np.concatenate([encoder.encode([image])["global"] for image in images])
    np.testing.assert_array_equal(whole, alone)
    np.testing.assert_array_equal(encoder.encode(images[::-1])["global"][::-1], whole)


@pytest.mark.parametrize("model", ["lenet5", "resnet18"])
def test_rows_of_ordinary_models_do_not_depend_on_their_neighbours(images, features, model):
    encoder = extractor(features(model, batch_size=3), "cpu", images[:3])
    assert encoder.is_invariant(images[:3])
    assert encoder.batch_size == 3


@pytest.mark.parametrize("model", ["neighbourly", "ordinal", "crowded"])
def test_a_model_whose_rows_depend_on_their_neighbours_encodes_one_by_one(images, features, model):
    encoder = extractor(features(model, batch_size=4), "cpu", images[:4])
    assert encoder.batch_size == 1
    np.testing.assert_array_equal(
        encoder.encode(images)["global"],
        np.concatenate([encoder.encode([image])["global"] for image in images]),
    )


def test_one_image_is_probe_enough(images, features):
    assert extractor(features(), "cpu", images[:1]).batch_size == 4


def test_dropout_and_batch_norm_are_switched_off(images, features):
    encoder = extractor(features("test_vit.r160_in1k"), "cpu", images[:4])
    np.testing.assert_array_equal(
        encoder.encode(images[:2])["global"], encoder.encode(images[:2])["global"]
    )
    black = [np.zeros((9, 9, 3), np.uint8)] * 2
    resnet = extractor(features("test_resnet.r160_in1k"), "cpu", images[:4])
    before = resnet.encode(black)["global"]
    resnet.encode(images)["global"]  # would move running means in training
    np.testing.assert_array_equal(resnet.encode(black)["global"], before)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_lower_precision_is_close_and_stored_as_float32(images, features, precision):
    exact = extractor(features(), "cpu", images[:4]).encode(images)["global"]
    rough = extractor(features(precision=precision), "cpu", images[:4]).encode(images)["global"]
    assert rough.dtype == np.float32
    assert not np.array_equal(rough, exact)
    np.testing.assert_allclose(rough, exact, atol=0.02 * np.abs(exact).max())


def test_another_process_encodes_the_same(images, features, weights):
    encoder = extractor(features(weights=weights()), "cpu", images[:4])
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copy.encode(images)["global"], encoder.encode(images)["global"])


def test_weights_that_are_replaced_are_read_again(images, features, weights):
    path = weights()
    params = features(weights=path)
    before = extractor(params, "cpu", images[:4])
    old = before.encode(images)["global"]
    assert before.weights == file_digest(path)
    save_file({name: -value for name, value in load_file(path).items()}, path)
    after = extractor(params, "cpu", images[:4])
    assert after.weights == file_digest(path) != before.weights
    assert not np.array_equal(after.encode(images)["global"], old)


def test_without_weights_there_is_no_digest(images, features):
    assert extractor(features(), "cpu", images[:4]).weights is None


def test_missing_weights_are_named(images, features, tmp_path):
    with pytest.raises(InputError, match=r"gone\.pt: no such checkpoint"):
        extractor(features(weights=tmp_path / "gone.pt"), "cpu", images[:4])
