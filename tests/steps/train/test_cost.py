"""What a run cost is what its scores rest on."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline_lib.artifacts.knowledge import RELATIONS, write_knowledge
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.scores import BACKBONE, SCORES
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.steps.train.cost import encoded
from pipeline_lib.steps.train.output import write_backbone, write_fitted
from tests.artifacts.filled import filled
from tests.steps.toy import ingested, job, settings
from tests.steps.train.test_output import fitted

ARRAY = np.zeros((2, 3), np.float32)


@pytest.fixture
def run(tmp_path):
    return job(ingested(tmp_path / "data"), tmp_path / "kept", name="mine", settings=settings())


def test_a_run_on_images_costs_its_training(run):
    assert encoded(run, fitted(0)) == {"training": 20}


def test_a_run_that_trains_nothing_says_what_else_it_encoded_for(run):
    still = [record | {"lr": 0.0} for record in fitted(0).history]
    assert encoded(run, replace(fitted(0), history=still)) == {"loss of the training images": 20}


def test_refreshes_and_teachers_are_added(run):
    found = replace(fitted(0), encoded={"last refresh": 5.0, "teacher": 0.0})
    assert encoded(run, found) == {"training": 20, "last refresh": 5}


def test_what_its_knowledge_and_weights_rest_on_is_added_once(run, tmp_path):
    rests = {"baseline@classes": 60, "features": 4}
    write_knowledge(RELATIONS, tmp_path / "k", ["a"], filled(RELATIONS), rests)
    weights = tmp_path / "w.safetensors"
    BACKBONE.write(weights, {"x": ARRAY}, model="m", encoded={"baseline@classes": 60})
    both = replace(run, knowledge=tmp_path / "k", weights=weights)
    expected = {"baseline@classes": 60, "features": 4, "training": 20}
    assert encoded(both, fitted(0)) == expected
    write_fitted(tmp_path / "out", both, [1, 2], [fitted(1), fitted(2)])
    _, header = SCORES.read(tmp_path / "out" / "scores.safetensors")
    assert header["encoded"] == [expected, expected]
    assert header["images_encoded"] == [84, 84]


def test_a_run_on_maps_encodes_every_training_image_once(run, tmp_path):
    ids = SAMPLES.read(run.samples)["sample_id"].to_list()
    maps = filled(MAPS, images=len(ids))
    MAPS.write(tmp_path / "maps", ids, [maps], encoded={"baseline@tags": 60})
    frozen = replace(run, input=tmp_path / "maps")
    train = int((SAMPLES.read(run.samples)["split"] == "train").sum())
    assert encoded(frozen, fitted(0)) == {"baseline@tags": 60, "maps": train}


def test_a_baseline_hands_on_what_it_cost(run, tmp_path):
    write_backbone(tmp_path, run, 0, fitted(0))
    _, header = BACKBONE.read(tmp_path / "weights.safetensors")
    assert header["encoded"] == {"baseline@classes": 20}
