"""Stage ``vlp`` with source ``lit``: from what ``features`` or ``maps`` wrote to a whole model."""

import json
import shutil
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

import stages.features
import stages.maps
from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.features import write_features
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.tensors import METADATA_KEY
from pipeline_lib.artifacts.vectors import read_vectors
from pipeline_lib.artifacts.vlp import CLASSIFIER
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.text.prompts import fill
from pipeline_lib.encoders.vlp.load import load, tokenizer
from pipeline_lib.errors import InputError
from pipeline_lib.steps.vlp.lit import PROMPTS
from pipeline_lib.training.checkpoints import Checkpoints
from tests.presets import LIT
from tests.stages.project import Project
from tests.stages.test_vlp import digests

NAMES = ["red kite", "pond", "small tree", "boat"]
BACKBONE = {"model": "test_resnet", "pretrained": False, "image_size": 32}


def trunk(path, names=NAMES, seed=0):
    """Save a network with random weights, as stage ``baseline`` does."""
    torch.manual_seed(seed)
    state = timm.create_model("test_resnet", num_classes=len(names)).state_dict()
    save_file(state, path, metadata={METADATA_KEY: json.dumps({"names": names})})
    return path


class LitProject(Project):
    """Scenes, vectors of a tiny trunk, and a tiny sentence encoder."""

    def __init__(self, folder, root, sentences):
        super().__init__(folder, root)
        self.document["dataset"]["scenes"] |= {"val": 12}
        weights = str(trunk(folder / "trunk.safetensors"))
        source = LIT["source"] | {"recipe": LIT["source"]["recipe"] | {"epochs": 4}}
        self.document["vlp"] = {
            "source": source,
            "checkpoint": weights,
            "sentences": str(sentences),
            "vectors": str(folder / "features"),
        }
        for stage in ("features", "maps"):
            own = self.document[stage]["backbone"] | BACKBONE
            self.document[stage] |= {"backbone": own, "weights": weights, "batch_size": 8}
        self.document["maps"]["backbone"] |= {"output_stride": 0}

    def features(self):
        stages.features.main(
            self.samples, self.images, self.folder / "features", self.folder / "parts", self.params
        )

    def maps(self):
        stages.maps.main(
            self.samples, self.images, self.folder / "maps", self.folder / "parts", self.params
        )

    @property
    def table(self):
        return read_samples(self.samples)

    def without_captions(self, *splits):
        samples = SAMPLES.read(self.samples)
        kept = pl.when(~pl.col("split").is_in(splits)).then("captions")
        SAMPLES.write(samples.with_columns(kept.alias("captions")), self.samples)


@pytest.fixture(scope="module")
def built(tmp_path_factory, tiny_sentences):
    """A project whose features are made, and its model."""
    from tests.conftest import ROOT

    project = LitProject(tmp_path_factory.mktemp("lit"), ROOT, tiny_sentences)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROTOWEAVE_WORKERS", "1")
        project.ingest()
        project.features()
        project.vlp()
    return project


@pytest.fixture
def project(built, tmp_path, monkeypatch):
    """A copy of it, which may be changed."""
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "1")
    shutil.copytree(built.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("vlp"))
    copy = LitProject.__new__(LitProject)
    copy.folder = tmp_path / "copy"
    copy.document = json.loads(
        json.dumps(built.document).replace(str(built.folder), str(copy.folder))
    )
    return copy


PLAIN = """
import sys, numpy as np, open_clip, torch
model = open_clip.create_model("local-dir:.").eval()
words = open_clip.get_tokenizer("local-dir:.")(["a red kite", "two boats"])
image = torch.linspace(-1, 1, 3 * 32 * 32).view(1, 3, 32, 32)
with torch.no_grad():
    np.savez(sys.argv[1], image=model.encode_image(image), text=model.encode_text(words))
"""


def test_the_folder_alone_is_a_model_of_open_clips_and_ours(built, tmp_path):
    moved = shutil.copytree(built.folder / "vlp", tmp_path / "elsewhere")
    for hidden in (built.folder / "features", built.folder / "vlp"):
        hidden.rename(hidden.with_suffix(".hidden"))
    try:
        subprocess.run(
            [sys.executable, "-c", PLAIN, str(tmp_path / "found.npz")],
            cwd=moved, check=True, capture_output=True, env={"HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
    finally:
        for hidden in (built.folder / "features", built.folder / "vlp"):
            hidden.with_suffix(".hidden").rename(hidden)
    found, ours = np.load(tmp_path / "found.npz"), load(moved)
    image = torch.linspace(-1, 1, 3 * 32 * 32).view(1, 3, 32, 32)
    seen = ours.model.visual(image)
    texts = ours.model.text(tokenizer(moved)(["a red kite", "two boats"]))
    np.testing.assert_allclose(found["image"], seen.pooled.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["text"], texts.numpy(), rtol=1e-5, atol=1e-6)
    assert seen.patches.shape == (1, 1, 16)
    assert not [p for p in moved.rglob("*") if p.is_file() and b"/tmp" in p.read_bytes()]


def test_its_trunk_is_the_one_that_made_the_vectors(built):
    visual = load(built.folder / "vlp").model.visual
    vectors = read_vectors(built.folder / "features", built.table.ids)
    seen = Preprocess.told(vectors.origin["preprocess"])
    pixels = Images(built.images, built.table.samples).pixels([0, 1])
    found = visual(seen.normalise(seen.geometry(pixels))).pooled.numpy()
    projection = visual.visual.head.proj.weight.numpy()
    np.testing.assert_allclose(found, vectors.rows[:2] @ projection.T, rtol=1e-4, atol=1e-5)


def test_the_trunks_classifier_comes_with_its_names_in_the_joint_space(built):
    arrays, header = CLASSIFIER.read(built.folder / "vlp" / "classifier.safetensors")
    assert header["names"] == NAMES
    stored = timm.create_model("test_resnet", num_classes=4)
    assert arrays["weight"].shape == tuple(stored.get_classifier().weight.shape)
    text = load(built.folder / "vlp").model.text
    tokens = tokenizer(built.folder / "vlp")(fill(PROMPTS, NAMES))
    each = torch.nn.functional.normalize(text(tokens), dim=1).view(4, len(PROMPTS), -1)
    expected = torch.nn.functional.normalize(each.mean(1), dim=1)
    np.testing.assert_allclose(arrays["embeddings"], expected.numpy(), atol=1e-5)


def test_what_it_learned_from_is_told_and_the_best_epoch_is_kept(built):
    metrics = read_json(built.folder / "vlp" / "metrics.json")
    history = pl.read_csv(built.folder / "vlp" / "history.csv")
    captions = built.table.samples["captions"].list.len()
    of_train = int(captions[built.table.train].sum())
    assert metrics["train"] == {
        "images": 40, "with_captions": 40, "used": 40, "captions": of_train,
    }  # fmt: skip
    assert (metrics["classes"], metrics["anchors"], metrics["start"]) == (4, 4, "ridge")
    mean = history.select(pl.mean_horizontal(r"^recall_.*$")).to_series()
    assert metrics["kept_epoch"] == mean.arg_max()
    assert metrics["recall"]["5"]["value"] == pytest.approx(history["recall_5"][mean.arg_max()])
    low, value, high = (metrics["recall"]["5"][key] for key in ("low", "value", "high"))
    assert 0 <= low <= value <= high <= 1
    assert history["captions"].len() == 4
    np.testing.assert_allclose(history["loss"], history["captions"] + history["anchors"], rtol=1e-5)
    assert encoded_for(built.folder / "vlp") == {"vision-language model": 40}


def test_twice_the_same_bytes_and_after_a_kill_too(project, built, monkeypatch):
    expected = digests(built.folder / "vlp", nested=True)
    assert digests(project.vlp("again"), nested=True) == expected
    save = Checkpoints.save

    def die(self, epoch, state):
        save(self, epoch, state)
        if epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoints, "save", die)
    with pytest.raises(KeyboardInterrupt):
        project.vlp()
    monkeypatch.setattr(Checkpoints, "save", save)
    assert digests(project.vlp(), nested=True) == expected


def test_maps_serve_as_well(project):
    project.maps()
    project.document["vlp"]["vectors"] = str(project.folder / "maps")
    found = load(project.vlp("of_maps"))
    assert found.model.dims == 16


def test_without_a_caption_the_regression_alone_is_written_and_said(project, capsys):
    project.without_captions("train", "val", "test", "test_shift")
    folder = project.vlp("ridge")
    said = capsys.readouterr().out
    assert "0 images with 0 captions, 40 without; a ridge start of 4 class names" in said
    assert "no captions of val to judge by" in said
    assert pl.read_csv(folder / "history.csv").is_empty()
    metrics = read_json(folder / "metrics.json")
    assert (metrics["epochs"], metrics["recall"], metrics["kept_epoch"]) == (0, None, None)
    assert load(folder).model.scale == pytest.approx(20.0)


def test_without_captions_of_val_the_last_epoch_is_kept(project):
    project.without_captions("val")
    metrics = read_json(project.vlp("blind") / "metrics.json")
    assert (metrics["kept_epoch"], metrics["recall"]) == (3, None)
    assert metrics["val"]["images"] == 12
    assert metrics["val"]["with_captions"] == 0


def test_a_trunk_without_names_starts_at_random_and_has_no_classifier(project, capsys):
    known = load_file(project.folder / "trunk.safetensors")
    kept = {name: value for name, value in known.items() if not name.startswith("fc.")}
    save_file(kept, project.folder / "trunk.safetensors")
    folder = project.vlp("nameless")
    assert "a random start; the trunk's classes have no names" in capsys.readouterr().out
    assert not (folder / "classifier.safetensors").exists()
    project.without_captions("train")
    with pytest.raises(
        InputError, match="no training image has a caption, and the trunk's classes"
    ):
        project.vlp("nothing")


def test_nothing_to_learn_from_is_told_where_the_ridge_is_off(project):
    project.document["vlp"]["source"]["ridge"] = 0.0
    project.without_captions("train")
    with pytest.raises(
        InputError, match=r"no training image has a caption, and vlp\.source\.ridge"
    ):
        project.vlp("nothing")


def test_other_weights_than_those_of_the_vectors_are_refused(project):
    trunk(project.folder / "trunk.safetensors", seed=1)
    expected = (
        r"test_resnet with vlp\.checkpoint gives vectors that are .* expected less than 0\.05"
    )
    with pytest.raises(InputError, match=expected):
        project.vlp()


@pytest.mark.parametrize(("about", "expected"), [
    ({}, r"\(vlp\.vectors\): does not say which network made it.*re-run `dvc repro features`"),
    ({"backbone": {"model": "test_resnet", "image_size": 32, "model_args": {"pad_type": "same"}}},
     r"its network is 'test_resnet' with \{'pad_type': 'same'\}, expected timm's own"),
    ({"backbone": {"model": "test_efficientnet", "image_size": 32}},
     r"vlp\.checkpoint, weights of the trunk of .*not weights of 'test_efficientnet'"),
])  # fmt: skip
def test_vectors_of_what_cannot_be_built_are_refused(project, about, expected):
    ids, preprocess = project.table.ids, {"preprocess": {"size": 32}} if about else {}
    rows = read_vectors(project.folder / "features", ids).rows
    write_features(project.folder / "features", ids, [rows], about | preprocess)
    with pytest.raises(InputError, match=expected):
        project.vlp()


def test_a_model_that_another_checkout_joined_keeps_its_classifier(project, built):
    project.document["vlp"] = {
        "source": {"name": "checkpoint", "model": "ViT-B-16"},
        "checkpoint": str(built.folder / "vlp"),
        "sentences": "data/none",
        "vectors": "data/none",
    }
    project.vlp()
    copied, own = (p.folder / "vlp" / "classifier.safetensors" for p in (project, built))
    assert copied.read_bytes() == own.read_bytes()
