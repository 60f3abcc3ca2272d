"""What runs cost, from the first stage to the last: every pass of a training image is counted."""

import pytest

import stages.baseline
import stages.clusters
import stages.features
import stages.maps
import stages.relations
from pipeline_lib.artifacts.scores import SCORES
from tests.stages.project import Project

TRAIN = 40
EPOCHS = {"classes": 3, "tags": 2}


class Whole(Project):
    """The stages that CSRMS and runs on feature maps rest on."""

    def __init__(self, folder, root):
        super().__init__(folder, root)
        for target, epochs in EPOCHS.items():
            section = self.document["baseline"][target]
            section["backbone"]["image_size"] = 32
            section["recipe"] |= {"epochs": epochs, "batch_size": 16}
        for name in ("features", "maps"):
            self.document[name]["backbone"]["image_size"] = 32
        self.document["features"]["weights"] = str(folder / "classes/weights.safetensors")
        self.document["maps"]["weights"] = str(folder / "tags/weights.safetensors")
        self.document["relations"] |= {"n": 3, "m": 3}
        for name, epochs in (("base", 2), ("csrms", 1), ("base_tags", 5)):
            self.document[name] |= {"seeds": [0]}
            self.document[name]["recipe"] |= {"epochs": epochs, "batch_size": 16}
        for name in ("base", "csrms"):
            self.document[name]["backbone"]["image_size"] = 32
        self.document["csrms"]["n_neighbours"] = 3

    def baseline(self, target):
        stages.baseline.main(
            target, self.samples, self.categories, self.images, self.folder / "kept",
            self.folder / target, self.params,
        )  # fmt: skip

    def encode(self, stage):
        name = stage.__name__.removeprefix("stages.")
        out, parts = self.folder / name, self.folder / f"{name}-parts"
        stage.main(self.samples, self.images, out, parts, self.params)

    def relate(self):
        features, clusters = self.folder / "features", self.folder / "clusters"
        tables = self.samples, self.categories
        weights = self.folder / "classes/weights.safetensors"
        stages.clusters.main(*tables, features, weights, clusters, self.params)
        stages.relations.main(
            self.samples, self.categories, features, clusters, self.folder / "relations",
            self.params,
        )  # fmt: skip

    def cost(self, name, method, target, input_="ingest/images.safetensors", knowledge="data/none"):
        stages.train.main(
            name, method, target, self.samples, self.categories, self.folder / input_,
            "data/none", knowledge, "data/none", self.folder / "kept", self.folder / name,
            self.params,
        )  # fmt: skip
        _, header = SCORES.read(self.folder / name / "scores.safetensors")
        (parts,) = header["encoded"]
        assert header["images_encoded"] == [sum(parts.values())]
        return parts


@pytest.fixture
def project(tmp_path, root):
    project = Whole(tmp_path, root)
    project.ingest()
    return project


def test_a_run_costs_what_its_scores_rest_on(project):
    assert project.cost("base", "base", "classes") == {"training": 2 * TRAIN}
    project.baseline("classes")
    project.encode(stages.features)
    project.relate()
    knowledge = str(project.folder / "relations" / "knowledge.safetensors")
    found = project.cost("csrms", "csrms", "classes", knowledge=knowledge)
    assert found.pop("training") % TRAIN == 0  # anchors; lists are rows of the bank
    banks = {"first bank": TRAIN, "last refresh": TRAIN}
    assert found == {"baseline@classes": 3 * TRAIN, "features": TRAIN} | banks


def test_a_frozen_backbone_sees_every_image_once(project):
    project.baseline("tags")
    project.encode(stages.maps)
    found = project.cost("base_tags", "base", "tags", input_="maps")
    assert found == {"baseline@tags": 2 * TRAIN, "maps": TRAIN}
