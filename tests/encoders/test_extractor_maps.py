"""The extractor of the section ``maps``; what it shares with ``features`` is tested there."""

import pickle

import numpy as np
import pytest
import torch

from pipeline_lib.encoders.extractor import extractor
from pipeline_lib.encoders.feature_map import FeatureMap
from pipeline_lib.encoders.vision import build
from pipeline_lib.params.maps import Maps


def maps(model="test_resnet", **changes):
    backbone = {"model": model, "pretrained": False, "image_size": 64, "output_stride": 8}
    values = {"weights": "data/none", "layer": "last", "batch_size": 4, "precision": "float32"}
    return Maps.model_validate({"backbone": backbone} | values | changes)


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (60 + i, 70 - i, 3), dtype=np.uint8) for i in range(6)]


@pytest.mark.parametrize("layer", ["last", 2])
def test_maps_and_pooled_features_are_those_of_the_model(images, layer):
    params = maps(layer=layer)
    found = extractor(params, "cpu", images[:4]).encode(images)
    vision = build(params.backbone, None, num_classes=0, seed=0)
    with torch.inference_mode():
        inputs = vision.preprocess.normalise(vision.preprocess.geometry(images))
        expected = FeatureMap(vision.model.eval(), layer)(inputs)
    assert found.keys() == {"maps", "pooled"}
    for name, rows in zip(("maps", "pooled"), expected, strict=True):
        assert found[name].dtype == np.float16
        largest = float(rows.abs().max())
        np.testing.assert_allclose(found[name], rows.numpy(), atol=2e-3 * largest, rtol=2e-3)


def test_how_many_are_encoded_at_a_time_changes_no_bit(images):
    encoder = extractor(maps(), "cpu", images[:4])
    whole = encoder.encode(images)
    alone = [encoder.encode([image]) for image in images]
    sent = pickle.loads(pickle.dumps(encoder)).encode(images[::-1])
    for name, rows in whole.items():
        np.testing.assert_array_equal(rows, np.concatenate([one[name] for one in alone]))
        np.testing.assert_array_equal(rows, sent[name][::-1])


def test_what_the_model_sees_of_an_image_is_said():
    encoder = extractor(maps(), "cpu", [np.zeros((64, 64, 3), np.uint8)])
    about = encoder.network.preprocess.about
    assert about.keys() == {"size", "mean", "std", "interpolation", "crop_pct", "crop_mode"}
    assert about["size"] == 64
