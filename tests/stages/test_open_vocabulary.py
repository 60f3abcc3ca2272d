"""From pictures with captions to zero-shot metrics, stage by stage, on a small set of scenes."""

import json

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.artifacts.scores import SCORES
from tests.recipes import recipe_with
from tests.stages.project import Project

METHODS = ("clip", "clip_ft", "mkt", "c2srt", "sigrl")


@pytest.fixture(scope="module")
def project(tmp_path_factory, request):
    root = request.config.rootpath
    project = Project(tmp_path_factory.mktemp("open"), root)
    for name in METHODS:
        section = project.document[name]
        short = {"epochs": 1, "warmup_epochs": 0, "batch_size": 16}
        section |= {"seeds": [0]}
        if "recipe" in section:
            section["recipe"] = recipe_with(section["recipe"], short)
            section["student"] |= {"trained_blocks": 1}
    project.document["c2srt"]["ist"] |= {"heads": 2, "hidden": 4}
    project.document["sigrl"]["correlation"] |= {"heads": 2, "hidden": 4}
    project.ingest()
    project.vlp()
    project.text()
    project.graph()
    return project


def unseen_of(project):
    tags = CATEGORIES.read(project.categories).filter(kind="tag").sort("index")
    return np.flatnonzero(~tags["seen"].to_numpy())


@pytest.mark.parametrize("method", METHODS)
def test_unseen_labels_are_scored_and_judged_and_train_nothing(project, method):
    trained = project.train(method, f"{method}_train")
    arrays, header = SCORES.read(trained / "scores.safetensors")
    unseen = unseen_of(project)
    assert arrays["0/test/zsl"].shape == (24, len(unseen))
    assert header["settings"]["loss"]["name"] == "ranking"
    metrics = json.loads((project.evaluate(method, trained) / "details.json").read_text())
    assert {"test", "test@zsl", "test@gzsl", "val"} <= metrics.keys()
    assert "val@zsl" not in metrics  # no picture of val is labelled with an unseen object
    assert 0 < metrics["test@zsl"]["map_noninterpolated"] <= 1
    # other unseen labels of the same pictures: not one byte of the weights moves
    samples = SAMPLES.read(project.samples)
    SAMPLES.write(exchanged(samples, unseen), project.samples)
    try:
        again = project.train(method, f"{method}_again", graph_of(project))
    finally:
        SAMPLES.write(samples, project.samples)
    for file in ("weights.safetensors", "history.csv"):
        assert (again / file).read_bytes() == (trained / file).read_bytes()


def exchanged(samples, unseen):
    """Give every picture the next unseen label instead of the one it carries."""
    following = {
        int(one): int(other) for one, other in zip(unseen, np.roll(unseen, 1), strict=True)
    }
    lists = [sorted(following.get(tag, tag) for tag in tags) for tags in samples["tags"].to_list()]
    changed = samples.with_columns(pl.Series("tags", lists, samples["tags"].dtype))
    assert not changed["tags"].equals(samples["tags"])
    return changed


def graph_of(project):
    project.graph("graph_again")
    return "graph_again"
