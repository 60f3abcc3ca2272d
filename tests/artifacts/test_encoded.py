"""What artifacts say of the images that were encoded for them."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.features import shard_path, write_features
from pipeline_lib.artifacts.knowledge import TAG_COUNTS, write_knowledge
from pipeline_lib.artifacts.scores import BACKBONE
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.artifacts.vlp import write_vlp
from tests.artifacts.filled import filled

RESTS = {"baseline@tags": 24_000, "features": 1_600}
ARRAY = np.zeros((2, 3), np.float32)


def backbone(folder):
    BACKBONE.write(folder / "weights.safetensors", {"a": ARRAY}, model="lenet5", encoded=RESTS)
    return folder / "weights.safetensors"


def features(folder):
    write_features(folder, ["a", "b"], [ARRAY], {"encoded": RESTS})
    return shard_path(folder, 0)


def knowledge(folder):
    write_knowledge(TAG_COUNTS, folder / "knowledge.safetensors", ["a"], filled(TAG_COUNTS), RESTS)
    return folder / "knowledge.safetensors"


def maps(folder):
    MAPS.write(folder, ["a", "b"], [filled(MAPS, images=2)], encoded=RESTS)
    return folder


@pytest.mark.parametrize("write", [backbone, features, knowledge, maps])
def test_an_artifact_says_what_it_rests_on(tmp_path, write):
    assert encoded_for(write(tmp_path)) == RESTS


def test_a_vision_language_model_costs_what_its_history_says(tmp_path):
    record = {"epoch": 0, "lr": 0.1, "images_encoded": 40, "loss": 1.0}
    write_vlp(tmp_path, {"a": ARRAY}, {}, None, [record, record | {"images_encoded": 80}])
    assert encoded_for(tmp_path) == {"vision-language model": 80}
    write_vlp(tmp_path, {"a": ARRAY}, {}, None, [])  # fetched
    assert encoded_for(tmp_path) == {}


def test_what_was_trained_elsewhere_costs_nothing(tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "theirs.pth")
    save_file({"a": ARRAY}, tmp_path / "theirs.safetensors")
    (tmp_path / "history.csv").write_text("step,loss\n1,2\n")
    for path in (None, tmp_path, tmp_path / "gone", tmp_path / "theirs.pth"):
        assert encoded_for(path) == {}
    assert encoded_for(tmp_path / "theirs.safetensors") == {}
