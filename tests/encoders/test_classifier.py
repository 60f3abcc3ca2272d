"""The classifier of stored weights, applied to stored vectors."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pipeline_lib.artifacts.scores import BACKBONE
from pipeline_lib.encoders.classifier import Linear, classifier_of, posteriors
from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError
from pipeline_lib.settings.backbone import Backbone

NAMES = ["beach", "city", "desert"]


@pytest.fixture
def network(tmp_path):
    """LeNet-5 with its classifier, and its weights as stage ``baseline`` writes them."""
    backbone = Backbone(model="lenet5", image_size=32)
    model = build(backbone, None, num_classes=len(NAMES), seed=0).model.eval()
    arrays = {name: value.numpy() for name, value in model.state_dict().items()}
    BACKBONE.write(tmp_path / "w.safetensors", arrays, model="lenet5", names=NAMES)
    return model, tmp_path / "w.safetensors"


def test_posteriors_are_what_the_whole_network_says(network):
    model, weights = network
    images = torch.randn(5, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 9
    with torch.inference_mode():
        maps = model.forward_features(images)
        vectors, expected = model.forward_head(maps, pre_logits=True), model(images).softmax(1)
    found = posteriors(vectors.numpy(), classifier_of(weights, NAMES))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6)


def test_a_worked_example():
    # logits 0 + ln 3 and 0 - 0: odds of three to one
    linear = Linear(np.array([[1.0], [0.0]]), np.array([np.log(3) - 2, 0.0]))
    np.testing.assert_allclose(posteriors(np.array([[2.0]], np.float32), linear), [[0.75, 0.25]])


def test_large_logits_do_not_overflow():
    linear = Linear(np.array([[1e4], [0.0]]), np.zeros(2))
    assert posteriors(np.ones((1, 1), np.float32), linear).tolist() == [[1, 0]]


def test_a_trunk_without_named_classes_is_refused(network, tmp_path):
    model, _ = network
    save_file(model.state_dict(), tmp_path / "trunk.safetensors")
    expected = r"as classifier it holds none of named classes, expected one of the 3 classes"
    for weights in (tmp_path / "trunk.safetensors", tmp_path / "missing"):
        with pytest.raises(InputError, match=expected):
            classifier_of(weights, NAMES)


def test_a_classifier_of_other_names_is_refused(network):
    expected = r"it holds one of 3 other names, expected one of the 2 classes of the data set"
    with pytest.raises(InputError, match=expected):
        classifier_of(network[1], NAMES[:2])
