"""From pictures with captions to zero-shot metrics, stage by stage, on a small set of scenes."""

import json

import numpy as np
import polars as pl
import pytest
import torch

from pipeline_lib.api import load
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.datasets.images import Images
from pipeline_lib.errors import InputError
from pipeline_lib.prediction import Prediction, find_pictures
from pipeline_lib.prediction.deciding import decide
from tests.methods.toy import merged
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


@pytest.fixture(scope="module")
def trained(project):
    """A run of a method, trained when it is first asked for."""

    def train(method, **changes):
        folder = f"{method}_{'_'.join(changes['prompts']) if changes else 'train'}"
        if not (project.folder / folder / "weights.safetensors").exists():
            before = project.document[method]
            project.document[method] = merged(before, changes)
            project.train(method, folder)
            project.document[method] = before
        return load(project.folder / folder, project.folder)

    return train


def pictures(project):
    table = read_samples(project.samples)
    return Images(project.images, table.samples).pixels(table.rows("test")[:3])


@pytest.mark.parametrize("method", [*METHODS, "mkt with a tuned prompt", "clip_ft, many prompts"])
def test_a_name_of_ones_own_is_scored_as_the_same_name_in_a_vocabulary(project, trained, method):
    name, _, rest = method.partition(" with ")
    changes = {"prompts": {"name": "tuning", "epochs": 1, "lr": 0.001}} if rest else {}
    if method.endswith("many prompts"):
        name, changes = "clip_ft", {"prompts": {"name": "ensemble"}}
    run, images = trained(name, **changes), pictures(project)
    known = run.score_images(images).logits
    places = [run.names.index(tag) for tag in ("tree", *run.unseen[:2])]
    some = [run.names[place] for place in places]
    own = run.of_names(some)
    assert (own.names, own.unseen) == (some, some[1:])
    if not own.together:
        torch.testing.assert_close(own.score_images(images).logits, known[:, places])
    beside = run.of_names(["heron", *some], beside=True)
    assert beside.names == [*run.names, "heron"]
    scores = beside.score_images(images).logits
    assert scores.shape == (3, len(run.names) + 1)
    if not own.together:
        torch.testing.assert_close(scores[:, :-1], known)
    again = beside.of_names(run.names[::-1])  # all of them, so that a score is what it was
    torch.testing.assert_close(
        again.score_images(images).logits, known.flip(1), rtol=1e-4, atol=1e-5
    )
    derived = forgotten(run, some[1:], project).of_names(run.names)
    assert set(derived.unseen) == {*run.unseen, *some[1:]}
    torch.testing.assert_close(derived.score_images(images).logits, known, rtol=1e-4, atol=1e-5)


def forgotten(run, names, project):
    """The same run, in whose file these names are spelt otherwise: they are new to it."""
    folder = run.weights.parent.with_name(f"{run.weights.parent.name} forgotten")
    arrays, header = WEIGHTS.read(run.weights)
    rest = {k: v for k, v in header.items() if k not in ("artifact", "version")}
    rest["names"] = [f"{name}?" if name in names else name for name in header["names"]]
    WEIGHTS.write(folder / "weights.safetensors", arrays, **rest)
    return load(folder, project.folder)


def test_a_name_that_cannot_be_had_is_refused(project, trained, tmp_path):
    run = trained("c2srt")
    for names, message in (
        ([], r"found \[\], expected at least one"),
        (["heron", " "], r"none of them empty"),
        (["heron", "kayak", "heron "], "'heron' stands there twice"),
    ):
        with pytest.raises(InputError, match=message):
            run.of_names(names)
    before = project.document["category_graph"]
    project.document["category_graph"] = merged(before, {"similarity": {"most": 3}})
    assert project.params.exists()
    with pytest.raises(InputError, match=r"other neighbours than run 'c2srt' was trained with"):
        run.of_names(["heron"])
    project.document["category_graph"] = before
    assert project.params.exists()
    arrays, header = WEIGHTS.read(run.weights)
    rest = {k: v for k, v in header.items() if k not in ("artifact", "version", "prompts")}
    WEIGHTS.write(tmp_path / "weights.safetensors", arrays, **rest)
    older = load(tmp_path, project.folder)
    with pytest.raises(InputError, match="does not say which prompts stood around its names"):
        older.of_names(["heron"])
    assert older.of_names(run.names[:2]).names == run.names[:2]  # which it knows
    WEIGHTS.write(tmp_path / "weights.safetensors", arrays, **rest, prompts=["no {} here"])
    with pytest.raises(InputError, match=r"gives '.*' another vector \(cosine .* than run 'c2srt'"):
        load(tmp_path, project.folder).of_names(["heron"])


def test_a_table_says_where_scores_depend_on_the_other_names(trained):
    for method, said in (("sigrl", "another list gives others"), ("c2srt", "no score depends")):
        run = trained(method).of_names(["heron", "tree"])
        about = Prediction(run, find_pictures([__file__])).about
        assert said in about["depends_on_names"]
        assert about["names_not_trained"] == ["heron"]
    sigrl = decide(trained("sigrl").of_names(["heron"]), None)
    assert "on which they depend" in sigrl.remark
