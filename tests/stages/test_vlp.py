"""The stages ``ingest``, ``vlp`` and ``text`` on a small set of scenes."""

import hashlib

import numpy as np
import polars as pl
import pytest
import torch

from pipeline_lib.artifacts.labelled import read_categories
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.text import read_text
from pipeline_lib.encoders.vlp.load import load
from pipeline_lib.errors import InputError
from pipeline_lib.training.checkpoints import Checkpoints
from tests.stages.project import Project


@pytest.fixture
def project(tmp_path, root):
    project = Project(tmp_path, root)
    project.ingest()
    return project


def digests(folder, *, nested=False):
    files = sorted(p for p in (folder.rglob("*") if nested else folder.iterdir()) if p.is_file())
    return {p.name: hashlib.md5(p.read_bytes()).hexdigest() for p in files}


def test_the_model_is_trained_and_loads_as_open_clips(project, capsys):
    folder = project.vlp()
    history = pl.read_csv(folder / "history.csv")
    assert history["loss"][-1] < history["loss"][0]
    assert history["images_encoded"].to_list() == [40, 80, 120]
    found = load(folder)
    seen = found.model.visual(torch.zeros(1, 3, 32, 32))
    assert (seen.pooled.shape, seen.patches.shape) == ((1, 16), (1, 16, 16))
    assert found.preprocess.size == 32
    assert "vlp: captions" in capsys.readouterr().out
    assert not list((project.folder / "kept").glob("*/*"))  # checkpoints are forgotten


def test_twice_the_same_bytes(project):
    assert digests(project.vlp()) == digests(project.vlp("again"))


def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(project, monkeypatch):
    expected = digests(project.vlp())
    save = Checkpoints.save

    def die(self, epoch, state):
        save(self, epoch, state)
        if epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoints, "save", die)
    with pytest.raises(KeyboardInterrupt):
        project.vlp("again")
    monkeypatch.setattr(Checkpoints, "save", save)
    started = []
    monkeypatch.setattr(
        "pipeline_lib.steps.vlp.contrastive.ContrastiveTask.begin_epoch",
        _noting(started),
    )
    assert digests(project.vlp("again")) == expected
    assert started == [2]


def _noting(started):
    from pipeline_lib.steps.vlp.contrastive import ContrastiveTask

    begin = ContrastiveTask.begin_epoch

    def noted(self, epoch):
        started.append(epoch)
        begin(self, epoch)

    return noted


def test_labels_change_no_byte(project):
    before = digests(project.vlp())
    samples = SAMPLES.read(project.samples)
    changed = samples.with_columns(pl.col("tags").list.reverse().list.head(1))
    SAMPLES.write(changed, project.samples)
    assert digests(project.vlp("again")) == before


def test_names_are_embedded_by_its_text_tower(project):
    project.vlp()
    categories = project.categories
    project.text()
    tags = read_categories(categories).tag_names
    found = read_text(project.folder / "text" / "embeddings.safetensors", tags)
    assert found["embeddings"].shape == found["simple"].shape == (len(tags), 16)
    assert found["tokens"].shape == found["places"].shape == (len(tags), 24)
    np.testing.assert_allclose(np.linalg.norm(found["simple"], axis=1), 1, rtol=1e-5)


def test_without_captions_the_other_sources_are_named(project):
    samples = SAMPLES.read(project.samples)
    SAMPLES.write(
        samples.with_columns(pl.lit(None, pl.List(pl.String)).alias("captions")), project.samples
    )
    with pytest.raises(
        InputError, match=r"no training image has a caption.*checkpoint.*text\.source ngrams"
    ):
        project.vlp()


def test_a_local_model_is_taken_as_it_is(project):
    trained = project.vlp()
    project.document["vlp"] |= {
        "source": {"name": "checkpoint", "model": "ViT-B-16"}, "checkpoint": str(trained),
    }  # fmt: skip

    taken = project.vlp("taken")
    image = torch.zeros(1, 3, 32, 32)
    one, other = (load(folder).model.visual(image) for folder in (trained, taken))
    assert torch.equal(one.pooled, other.pooled)
    assert pl.read_csv(taken / "history.csv").is_empty()
