"""Weights of any method of the catalogue: what they say of themselves, and the scores they give."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import polars as pl
import pytest
import torch
from PIL import Image
from ruamel.yaml import YAML
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.api import load, load_exported, open_project
from pipeline_lib.artifacts.exemplars import GRAPHS
from pipeline_lib.artifacts.exported import CARD, EXPORT_FILE, FILES, read_export
from pipeline_lib.artifacts.features import read_features
from pipeline_lib.artifacts.json_file import read_json, write_json
from pipeline_lib.artifacts.labelled import read_categories, read_labelled, read_samples
from pipeline_lib.artifacts.made import FROZEN, FROZEN_FILE
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.artifacts.vlp import WEIGHTS as TOWERS
from pipeline_lib.artifacts.vlp import WEIGHTS_FILE
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.frozen import Frozen
from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS, VLP, Method
from pipeline_lib.project.asked_names import Names
from pipeline_lib.project.exporting.network import export_network
from pipeline_lib.steps.train.settings import stored
from tests.commands.printed import FENCE, ROOT
from tests.families.open_vocabulary.toy_labels import learned, section
from tests.stages.everything import Everything

CLIP, BY_MAPS, BY_IMAGES = "test_resnet_stride8", "test_resnet", "lenet5"  # the default preset's
PROGRAMS = FENCE.findall((ROOT / "docs/predict.md").read_text(encoding="utf-8"))
MEANS = dict.fromkeys((BY_MAPS, BY_IMAGES), [0.5] * 3) | {CLIP: list(open_clip.OPENAI_DATASET_MEAN)}


@dataclass(frozen=True)
class Case:
    """A run: its method, what of its section is changed, and what it reads instead."""

    method: str
    changes: dict[str, Any] = field(default_factory=dict)
    target: str = ""
    reads: str = ""  # a folder or file of the project


TRUNK = {
    "backbone": {"model": BY_MAPS, "pretrained": False, "image_size": 32},
    "standardise": False,
}
IMAGES = "ingest/images.safetensors"
LOCATED = {"locate": True, **dict.fromkeys(("knowledge", "graph", "causal", "fusion"), False)}
TUNED = {"name": "tuning", "epochs": 1, "lr": 0.001}
CASES = {name: Case(name) for name in METHODS} | {
    "base on images, two seeds": Case("base", {"seeds": [3, 1]}),
    "base on maps": Case("base", {"recipe": {"augment": "flip"}}, target="tags", reads="maps"),
    "dlsa on images, its last block trained": Case(
        "dlsa", TRUNK | {"trunk": "last_block"}, reads=IMAGES
    ),
    "ml_gcn on images, all trained": Case("ml_gcn", TRUNK | {"trunk": "all"}, reads=IMAGES),
    "ssgrl on images, frozen and standardised": Case(
        "ssgrl", TRUNK | {"trunk": "frozen", "standardise": True}, reads=IMAGES
    ),
    "vscnet of pixels": Case("vscnet", reads="exemplars-pixels"),
    "vscnet of a lattice of pixels": Case(
        "vscnet",
        {"regions": {"boxes": "lattice"}, "modules": LOCATED},
        reads="exemplars-pixels",
    ),
    "clip_ft by estimated labels": Case("clip_ft", {"loss": section("role", scale=learned())}),
    "mkt with a tuned prompt": Case("mkt", {"prompts": TUNED}),
    "c2srt, no module on": Case("c2srt", {"isr": "none", "ist": "none"}),
    "sigrl for single positives": Case("sigrl", {"loss": section("an", scale=learned())}),
}  # fmt: skip


class Runs:
    """The project, and the folders of the cases that were trained in it."""

    def __init__(self, project: Everything) -> None:
        self.project, self._done = project, dict[str, Path]()

    def __getitem__(self, name: str) -> Path:
        if name not in self._done:
            case = CASES[name]
            paths = {"input": str(self.project.folder / case.reads)} if case.reads else {}
            self._done[name] = self.project.trained(
                METHODS[case.method], f"run {name}", case.target, case.changes, **paths
            )
        return self._done[name]


@pytest.fixture(scope="module")
def project(tmp_path_factory, request):
    found = Everything(tmp_path_factory.mktemp("everything"), request.config.rootpath)
    found.prepare()
    found.locate_in_pixels()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROTOWEAVE_WORKERS", "1")  # processes take longer than seeds
        yield found


@pytest.fixture(scope="module")
def runs(project):
    return Runs(project)


def network(method: Method) -> str:
    """Name what encodes the images that a method reads."""
    if method.weights == VLP:
        return CLIP
    return BY_IMAGES if "/ingest/" in method.input else BY_MAPS


@pytest.mark.parametrize("name", METHODS)
def test_weights_name_the_network_its_pixels_and_what_is_predicted(project, runs, name):
    method = METHODS[name]
    _, header = WEIGHTS.read(runs[name] / "weights.safetensors")
    table = read_categories(project.categories).of(method.targets[0])
    assert (header["method"], header["target"]) == (name, method.targets[0])
    assert header["names"] == table["name"].to_list()
    assert header["unseen"] == table.filter(seen=False)["name"].to_list()
    assert bool(header["unseen"]) == (header["target"] == "tags")
    model = network(method)
    assert header["model"] == header["backbone"]["model"] == model
    assert header["backbone"]["image_size"] == header["preprocess"]["size"] == 32
    seen = header["preprocess"]
    assert seen.keys() == {"size", "mean", "std", "interpolation", "crop_pct", "crop_mode"}
    assert seen["mean"] == MEANS[model]


def assert_scored(run, folder: Path) -> None:
    """Compare the scores of every split with the stored ones, bit for bit."""
    stored, header = SCORES.read(folder / "scores.safetensors")
    for split in header["splits"]:
        found, key = run.score(split), f"{run.seed}/{split}"
        np.testing.assert_array_equal(found.logits.numpy(), stored[f"{key}/logits"])
        if run.seed == header["seeds"][0]:
            np.testing.assert_array_equal(found.features.half().numpy(), stored[f"{key}/features"])
        if found.zsl is not None:
            np.testing.assert_array_equal(found.zsl.numpy(), stored[f"{key}/zsl"])
        assert (found.zsl is not None) == (f"{key}/zsl" in stored)


@pytest.mark.parametrize("name", CASES)
def test_a_loaded_run_gives_the_stored_scores_of_every_split(project, runs, name):
    case, folder = CASES[name], runs[name]
    _, header = WEIGHTS.read(folder / "weights.safetensors")
    for seed in header["seeds"]:
        run = load(folder, project.folder, seed=seed)
        assert_scored(run, folder)
    assert (run.run, run.method, run.seed) == (case.method, case.method, header["seeds"][-1])
    assert (run.names, run.unseen, run.target) == tuple(
        header[key] for key in ("names", "unseen", "target")
    )
    assert run.preprocess.about == header["preprocess"] | {
        key: tuple(header["preprocess"][key]) for key in ("mean", "std")
    }
    trained = stored(run.settings)
    assert trained == header["settings"]
    assert not run.model.training
    assert not any(parameter.requires_grad for parameter in run.model.parameters())


def test_seeds_are_loaded_apart_and_the_first_one_by_default(runs):
    folder = runs["base on images, two seeds"]
    assert [load(folder, seed=seed).seed for seed in (None, 3, 1)] == [3, 3, 1]
    first, second = (load(folder, seed=seed).score().logits for seed in (3, 1))
    assert not torch.equal(first, second)
    with pytest.raises(
        InputError, match=r"weights\.safetensors: has no seed 2, expected one of 3, 1"
    ):
        load(folder, seed=2)


def test_a_learned_scale_of_scores_is_kept(runs):
    run = load(runs["sigrl for single positives"])
    scale, start = run.model.scale, run.settings.loss.scale
    assert scale.shift.item() != start.shift
    assert scale.log_scale.exp().item() != pytest.approx(start.start, abs=1e-6)
    assert list(load(runs["mkt"]).model.scale.parameters()) == []


def test_calling_the_model_gives_logits(project, runs):
    for name in ("base", "csrms", "mkt", "dlsa on images, its last block trained"):
        run = load(runs[name])
        pictures = pixels(project)
        inputs = run.preprocess.normalise(run.preprocess.geometry(pictures))
        scores = run.score_images(pictures)
        with torch.no_grad():
            torch.testing.assert_close(run.model(inputs), scores.logits)


def pixels(project: Everything) -> list[np.ndarray]:
    table = read_samples(project.samples)
    return Images(project.images, table.samples).pixels(table.rows("test")[:3])


def test_images_that_come_in_batches_are_scored_as_they_come(project, runs):
    run, pictures = load(runs["base"]), pixels(project)
    whole, read = run.score_images(pictures), []

    def batches():
        for start in (0, 2):
            read.append(start)
            yield pictures[start : start + 2]

    found = run.score_batches(batches())
    assert read == []  # nothing is read before it is asked for
    np.testing.assert_allclose(
        torch.cat([scores.logits for scores in found]), whole.logits, atol=1e-6
    )
    predicted = run.predict(pictures, top=1)
    assert predicted.labels == [[run.names[j]] for j in whole.logits.argmax(1)]
    assert run.exclusive
    tags = load(runs["clip_ft"]).predict(pictures, threshold=0.4)
    for names, row in zip(tags.labels, tags.probabilities, strict=True):
        assert set(names) == {tags.names[j] for j in np.flatnonzero(row > 0.4)}


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([], "found no image to score, expected at least one; give some"),
        ([np.zeros((4, 4, 4), np.uint8)], r"image 0: found uint8 \(4, 4, 4\), expected RGB \(h"),
        ([np.zeros((4, 4, 3))], r"image 0: found float64 \(4, 4, 3\), expected RGB"),
    ],
)
def test_what_is_no_picture_is_refused(runs, images, message):
    with pytest.raises(InputError, match=message):
        load(runs["base"]).score_images(images)


def test_an_empty_batch_is_refused(runs):
    with pytest.raises(InputError, match="found a batch without images, expected at least one"):
        list(load(runs["base"]).score_batches([[]]))


def test_any_images_are_scored(project, runs):
    run, rows = load(runs["clip_ft"]), read_samples(project.samples).rows("test")
    found = run.score_images(pixels(project))
    expected = run.score_rows(rows[:3])
    assert torch.equal(found.logits, expected.logits)
    assert torch.equal(found.zsl, expected.zsl)
    prepared = torch.stack([run.prepare(image) for image in pixels(project)])
    assert prepared.dtype == torch.uint8
    assert torch.equal(run.score_prepared(prepared).logits, expected.logits)
    larger = [np.kron(image, np.ones((3, 3, 1), np.uint8)) for image in pixels(project)]
    assert run.score_images(larger).logits.shape == expected.logits.shape


@pytest.mark.parametrize("name", CASES)
def test_pictures_of_the_data_set_get_their_stored_scores(project, runs, name):
    run, table = load(runs[name]), read_samples(project.samples)
    pictures = Images(project.images, table.samples).pixels(table.rows("test"))
    stored, header = SCORES.read(runs[name] / "scores.safetensors")
    key = f"{header['seeds'][0]}/test"
    found = run.score_images(pictures)
    np.testing.assert_array_equal(found.logits.numpy(), stored[f"{key}/logits"])
    np.testing.assert_array_equal(found.features.half().numpy(), stored[f"{key}/features"])
    # kernels of networks that no stage has in batches of one shape round by the size of a batch
    few = torch.cat([scores.logits for scores in run.score_batches([pictures[:3], pictures[3:5]])])
    np.testing.assert_allclose(few, stored[f"{key}/logits"][:5], rtol=1e-5, atol=1e-5)


@pytest.fixture
def pulled(project, runs, tmp_path):
    """A checkout with nothing but a run on graphs and what makes graphs of pictures."""
    _, header = WEIGHTS.read(runs["vscnet"] / "weights.safetensors")
    made = []
    for step in header["made"]:
        name = f"{step['stage']}.safetensors"
        shutil.copy(step["file"], tmp_path / name)
        made.append(step | {"file": name})
    folder = shutil.copytree(runs["vscnet"], tmp_path / "data/artifacts/train/vscnet")
    rewritten(folder, made=made)
    return tmp_path


def test_graphs_of_pictures_need_no_data_set_and_no_network_but_what_made_them(
    project, runs, pulled
):
    assert {path.name for path in pulled.glob("*.*")} == {
        "maps.safetensors", "csnet.safetensors", "exemplars.safetensors"
    }  # fmt: skip
    found = open_project(pulled).load("vscnet").score_images(pixels(project))
    expected = load(runs["vscnet"]).score_images(pixels(project))
    assert torch.equal(found.logits, expected.logits)


@pytest.mark.parametrize("stage", ["maps", "csnet", "exemplars"])
def test_what_made_the_inputs_is_missed_and_a_changed_one_refused(project, pulled, stage):
    path = pulled / f"{stage}.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    run, pictures = load("vscnet", pulled), pixels(project)
    with pytest.raises(
        InputError, match=rf"{stage}\.safetensors: its digest is \w+, expected \w+, .*`dvc check"
    ):
        run.score_images(pictures)
    path.unlink()
    with pytest.raises(
        InputError, match=rf"{stage}\.safetensors: missing, and .*`dvc pull`.*`dvc repro {stage}`"
    ):
        run.score_images(pictures)


def test_inputs_that_say_not_what_made_them_are_told(project, pulled):
    folder = pulled / "data/artifacts/train/vscnet"
    rewritten(folder, made=None)
    with pytest.raises(InputError, match="inputs name nothing that made them, expected encode"):
        load(folder).score_images(pixels(project))


def test_weights_of_another_network_under_the_name_are_refused(project, tmp_path):
    arrays, header = FROZEN.read(project.folder / "maps" / FROZEN_FILE)
    rest = {k: v for k, v in header.items() if k not in ("artifact", "version")}
    backbone = rest["backbone"] | {"model": "resnet10t"}
    FROZEN.write(tmp_path / "other", arrays, **rest | {"backbone": backbone})
    with pytest.raises(InputError, match=r"other: these are not weights of 'resnet10t': the file"):
        Frozen.read(tmp_path / "other", "cpu")


def test_loading_changes_nothing_of_torch(runs):
    folder, state = runs["c2srt"], torch.get_rng_state()
    torch.set_num_threads(2)  # the next test's fixture sets it back
    torch.use_deterministic_algorithms(False)
    load(folder).score()
    assert torch.get_num_threads() == 2
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.get_rng_state(), state)


def test_a_split_that_is_not_there_is_refused(runs):
    with pytest.raises(InputError, match=r"has no split 'tset', expected one of test, test_shift,"):
        load(runs["base"]).score("tset")


def test_another_vision_language_model_is_refused(project):
    towers = shutil.copytree(project.folder / "vlp", project.folder / "vlp copy")
    folder = project.trained(METHODS["clip_ft"], "swapped", weights=str(towers))
    assert_scored(load(folder), folder)
    arrays, _ = TOWERS.read(towers / WEIGHTS_FILE)
    TOWERS.write(towers / WEIGHTS_FILE, {name: 2 * array for name, array in arrays.items()})
    with pytest.raises(
        InputError, match=r"starts from .*vlp copy, which has changed since.*checkout"
    ):
        load(folder)
    shutil.rmtree(towers)
    with pytest.raises(InputError, match=r"vlp copy: holds no open_clip_config\.json"):
        load(folder)


@pytest.mark.parametrize("what", ["maps", "exemplars"])
def test_maps_and_graphs_of_another_network_are_refused(project, what):
    stored = shutil.copytree(project.folder / what, project.folder / f"{what} copy")
    method = METHODS["dlsa" if what == "maps" else "vscnet"]
    folder = project.trained(method, f"{what} swapped", input=str(stored))
    run = load(folder)
    assert_scored(run, folder)
    for shard in stored.glob("rows-*.safetensors"):
        kind = MAPS if what == "maps" else GRAPHS
        arrays, header = kind.file.read(shard)
        rest = {k: v for k, v in header.items() if k not in ("artifact", "version")}
        kind.file.write(shard, arrays | {"pooled": arrays["pooled"] + 1}, **rest)
    with pytest.raises(
        InputError, match=r"copy: holds '.*' otherwise, expected what the run was tr"
    ):
        load(folder).score()


def test_a_network_that_was_trained_whole_needs_nothing_that_it_started_from(project, tmp_path):
    start = shutil.copy(
        project.folder / "classes" / "weights.safetensors", tmp_path / "start.st.safetensors"
    )
    folder = project.trained(METHODS["base"], "whole", weights=str(start))
    start.unlink()
    assert_scored(load(folder), folder)


def test_the_artifacts_alone_are_needed_wherever_they_lie(project, tmp_path, monkeypatch):
    monkeypatch.chdir(project.folder)  # so that what the header names is relative
    case, name = CASES["mkt with a tuned prompt"], "data/artifacts/train/prompted"
    folder = project.here().trained(METHODS["mkt"], name, changes=case.changes)
    for read in ("ingest", "vlp"):
        shutil.copytree(read, tmp_path / read)
    shutil.copytree(folder, tmp_path / folder)
    monkeypatch.chdir("/")
    assert list(open_project(tmp_path).runs) == ["prompted"]
    assert_scored(load("prompted", tmp_path), tmp_path / folder)


@pytest.fixture(scope="module")
def checkout(runs, tmp_path_factory):
    root = tmp_path_factory.mktemp("checkout")
    for name in ("base", "dlsa"):
        shutil.copytree(runs[name], root / "data/artifacts/train" / name)
    (root / "data/artifacts/train/failed").mkdir()
    return root


def test_runs_are_those_with_weights(checkout):
    found = open_project(checkout).runs
    assert (list(found), len(found), "dlsa" in found) == (["base", "dlsa"], 2, True)
    assert ("failed" in found, found.get("failed")) == (False, None)
    assert list(open_project(checkout / "data").runs) == []


def test_a_run_is_loaded_by_its_name_or_its_folder(checkout, monkeypatch):
    expected = load("dlsa", checkout).score().logits
    assert torch.equal(load(checkout / "data/artifacts/train/dlsa").score().logits, expected)
    monkeypatch.chdir(checkout)
    assert torch.equal(load("dlsa").score().logits, expected)
    assert load("data/artifacts/train/dlsa").run == "dlsa"


def test_an_unknown_name_is_told_the_nearest(checkout):
    with pytest.raises(InputError, match=r"train: no run 'dsla'; did you mean 'dlsa'\?; run `dvc"):
        load("dsla", checkout)
    with pytest.raises(InputError, match="no run 'dsla'"):
        open_project(checkout).scores("dsla")


def test_stored_scores_are_a_table(project, checkout):
    found = open_project(checkout).scores("dlsa", "val")
    table = read_labelled(project.samples, project.categories)
    assert found.columns == ["sample_id", *table.tag_names]
    assert found["sample_id"].to_list() == table.ids_of(table.rows("val"))
    stored, _ = SCORES.read(checkout / "data/artifacts/train/dlsa/scores.safetensors")
    np.testing.assert_array_equal(found.drop("sample_id").to_numpy(), stored["0/val/logits"])
    with pytest.raises(InputError, match="has no 7/test/logits, expected one of 0/test/logits"):
        open_project(checkout).scores("dlsa", seed=7)


def test_features_that_were_classified_are_a_table(project, checkout):
    run = open_project(checkout).runs["base"]
    found = run.features("val")
    stored, _ = SCORES.read(checkout / "data/artifacts/train/base/scores.safetensors")
    assert (
        found["sample_id"].to_list()
        == open_project(checkout).scores("base", "val")["sample_id"].to_list()
    )
    np.testing.assert_array_equal(found["vector"].to_numpy(), stored["0/val/features"])
    with pytest.raises(InputError, match="has no 0/vla/features, expected one of 0/test/features"):
        run.features("vla")


def test_vectors_and_clusters_of_the_images_are_tables(project, tmp_path):
    for stage in ("features", "clusters"):
        shutil.copytree(project.folder / stage, tmp_path / "data/artifacts" / stage / "classes")
    found, table = open_project(tmp_path), read_samples(project.samples)
    vectors = found.features()
    assert vectors["sample_id"].to_list() == table.ids
    expected = read_features(project.folder / "features", table.ids)
    np.testing.assert_array_equal(vectors["vector"].to_numpy(), expected)
    clusters = found.clusters()
    assert clusters.assignments["sample_id"].to_list() == table.ids_of(table.train)
    number = int(clusters.assignments["cluster"][0])
    members = clusters.assignments.filter(cluster=number)["sample_id"]
    one = clusters.prototypes.row(number, named=True)
    assert (one["cluster"], one["size"]) == (number, len(members))
    own = vectors.filter(pl.col("sample_id").is_in(members.to_list()))["vector"].to_numpy()
    np.testing.assert_allclose(one["mean"], own.mean(0), rtol=1e-4)
    with pytest.raises(InputError, match=r"index\.parquet: missing; run `dvc repro features`"):
        found.features("tags")


def test_metrics_are_a_table_with_intervals(checkout):
    values = {"cf1": 0.5, "cf1_low": 0.4, "cf1_high": 0.6, "cf1_seed_std": 0.01, "images": 24.0}
    path = checkout / "data/artifacts/evaluate/base/details.json"
    write_json(path, {"seeds": 1, "test": values})
    assert open_project(checkout).runs["base"].metrics().rows() == [
        ("test", "cf1", 0.5, 0.4, 0.6, 0.01),
        ("test", "images", 24.0, None, None, None),
    ]
    with pytest.raises(InputError, match=r"dlsa/details\.json: missing; run `dvc repro`"):
        open_project(checkout).runs["dlsa"].metrics()


def test_scores_of_other_images_are_refused(project, checkout):
    fewer = read_samples(project.samples).samples.filter(pl.col("split") != "test")
    path = checkout / "fewer"
    SAMPLES.write(fewer, path)
    rewritten(checkout / "data/artifacts/train/base", reads={"samples": str(path)})
    with pytest.raises(InputError, match="scores 24 images of split 'test', expected 0, those"):
        open_project(checkout).scores("base")


def rewritten(folder: Path, drop: tuple[str, ...] = (), **changes: Any) -> Path:
    """Change a header, or leave out arrays."""
    path = folder / "weights.safetensors"
    arrays, header = WEIGHTS.read(path)
    kept = {name: array for name, array in arrays.items() if name not in drop}
    rest = {k: v for k, v in header.items() if k not in ("artifact", "version")}
    replace(WEIGHTS, version=changes.pop("version", WEIGHTS.version)).write(
        path, kept, **rest | changes
    )
    return folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, r"holds artifact 'weights' version 2, expected 'weights' version 3; re-"),
        ({"drop": ("0/head.bias",)}, r"the file lacks 1 \(head\.bias, …\); restore .*`dvc repr"),
        ({"method": "bse"}, r"no method 'bse'; did you mean 'base'"),
        ({"settings": {"recipe": {}}}, r"not those of base now: recipe\.epochs is missing; rest"),
        ({"backbone": {"input": "images", "model_args": {"checkpoint_path": "x"}}},
         r"its header wants timm's model built with \{'checkpoint_path': 'x'\}"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_refused(runs, tmp_path, changes, message):
    folder = rewritten(shutil.copytree(runs["base"], tmp_path / "base"), **changes)
    with pytest.raises(InputError, match=rf"base/weights\.safetensors: .*{message}"):
        load(folder)


def test_a_damaged_file_is_refused(runs, tmp_path):
    folder = shutil.copytree(runs["base"], tmp_path / "base")
    whole = (folder / "weights.safetensors").read_bytes()
    (folder / "weights.safetensors").write_bytes(whole[:-9])
    with pytest.raises(
        InputError, match=r"not a complete tensor file .*; re-run `dvc repro train`"
    ):
        load(folder)
    (folder / "weights.safetensors").unlink()
    with pytest.raises(
        InputError, match=r"safetensors: missing; run `dvc repro train` or `dvc pull`"
    ):
        load(folder)


@pytest.fixture(scope="module")
def exporting(project, tmp_path_factory):
    """Export a run of the project into a folder of its own, once."""
    root, done = tmp_path_factory.mktemp("exporting"), dict[tuple[str, ...], Path]()
    (root / "params.yaml").symlink_to(project.params)

    def export(folder: Path, to: str, **options: Any) -> Path:
        key = (folder.name, to, *map(str, options.values()))
        if key not in done:
            out = root / f"{len(done)}" / "exported"
            export_network(root, str(folder), to, out, **options)
            done[key] = out
        return done[key]

    return export


def assert_says_the_same(folder: Path, run, pictures: list[np.ndarray]) -> None:
    """Compare an exported network, opened again, with a run on pictures of any size."""
    exported = load_exported(folder)
    expected = run.score_images(pictures).logits
    assert (exported.names, exported.exclusive) == (run.names, run.exclusive)
    found = exported.score_images(pictures).logits
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    said, checked = read_export(folder), read_export(folder).verified
    assert (checked.pictures, checked.split, checked.against) == (24, "test", "stored scores")
    assert checked.largest_difference <= 1e-4
    assert said.seed == run.seed


@pytest.mark.parametrize(
    ("name", "to"),
    [(name, "torchscript") for name in CASES]
    + [(name, "safetensors") for name in (*METHODS, "vscnet of pixels")],
)
def test_an_exported_run_gives_its_scores(runs, exporting, photographs, name, to):
    if to == "torchscript" and CASES[name].method == "vscnet":
        with pytest.raises(InputError, match=r"vscnet reads regions .*export it --to safetensors"):
            exporting(runs[name], to)
        return
    assert_says_the_same(exporting(runs[name], to), load(runs[name]), photographs)


# one of each kind: with neighbours, on maps, with trained towers and graphs of labels
@pytest.mark.parametrize("name", ["csrms", "ssgrl", "c2srt", "sigrl"])
def test_a_run_becomes_an_onnx_graph(runs, exporting, photographs, name):
    assert_says_the_same(exporting(runs[name], "onnx"), load(runs[name]), photographs)


@pytest.fixture(scope="module")
def photographs(project) -> list[np.ndarray]:
    """Twenty pictures that were held out, enlarged to several sizes."""
    table = read_samples(project.samples)
    found = Images(project.images, table.samples).pixels(table.rows("test")[:20])
    sizes = [(48 + 7 * i, 70 + 5 * (i % 9)) for i in range(20)]
    return [
        np.array(Image.fromarray(one).resize(size, Image.Resampling.LANCZOS))
        for one, size in zip(found, sizes, strict=True)
    ]


@pytest.mark.parametrize("name", ["base", "base on maps"])
def test_command_python_torchscript_and_onnx_agree_on_photographs(
    runs, exporting, photographs, name, tmp_path, monkeypatch
):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, pixels in enumerate(photographs):
        Image.fromarray(pixels).save(photos / f"{number:02}.png")
    expected = load(runs[name]).predict(photographs)
    folders = {to: exporting(runs[name], to) for to in ("safetensors", "torchscript", "onnx")}
    for place in (runs[name], *folders.values()):
        out = tmp_path / "predictions.parquet"
        words = ["predict", str(place), str(photos), "--all", "--out", str(out), "--device", "cpu"]
        result = CliRunner().invoke(cli.app, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        found = pl.read_parquet(out).select(pl.col("^probability .*$")).to_numpy()
        np.testing.assert_allclose(found, expected.probabilities, atol=1e-4)


@pytest.mark.parametrize("to", ["onnx", "torchscript"])
def test_the_printed_program_says_what_the_run_says(runs, exporting, photographs, to, tmp_path):
    folder, expected = exporting(runs["base"], to), load(runs["base"]).predict(photographs[7:8])
    printed = {kind: body for kind, body in PROGRAMS if FILES[to] in body}
    assert printed == {"py": (folder / "predict.py").read_text(encoding="utf-8")}
    Image.fromarray(photographs[7]).save(tmp_path / "photo.png")
    words = [sys.executable, "-c", printed["py"], str(tmp_path / "photo.png")]
    shown = subprocess.check_output(words, cwd=folder, text=True)
    said = {row[0]: float(row[1]) for row in (r.rsplit(maxsplit=2) for r in shown.splitlines())}
    assert list(said) == expected.labels[0]
    known = dict(zip(expected.names, expected.probabilities[0].tolist(), strict=True))
    assert said == pytest.approx({label: known[label] for label in said}, abs=1e-4)


TOGETHER = ("sigrl", "mkt with a tuned prompt")  # whose scores have unit length over the call


@pytest.mark.parametrize("to", ["safetensors", "torchscript"])
@pytest.mark.parametrize("name", ["c2srt", "sigrl", "sparc", "mkt with a tuned prompt"])
def test_names_of_ones_own_are_exported(project, runs, exporting, photographs, name, to):
    assert project.params.exists()  # which names the relation that informs a new name
    run = load(runs[name], project.folder)
    names = [run.names[3], "heron", run.names[0]]
    folder = exporting(runs[name], to, names=Names(names))
    exported, asked = load_exported(folder), run.of_names(names)
    assert (exported.names, exported.trained_names) == (names, run.trained_names)
    assert "heron" in exported.unseen
    assert exported.together == asked.together == (name in TOGETHER)
    found, expected = (one.score_images(photographs).logits for one in (exported, asked))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    against = read_export(folder).verified.against
    both = "stored scores, or of other names the run's own,"
    assert against == ("the run's own" if name in TOGETHER else both)
    card = (folder / CARD).read_text(encoding="utf-8")
    said = "A score depends on the names that are asked together" in card
    assert said == (name in TOGETHER)
    assert "of the names that it was trained with, not of those asked for here" not in card


def test_a_graph_knows_no_other_names_and_says_so(runs, exporting):
    with pytest.raises(InputError, match=r"network\.pt: knows 55 names and holds no text tower"):
        load_exported(exporting(runs["mkt"], "torchscript")).of_names(["heron"])
    own = load_exported(exporting(runs["mkt"], "safetensors")).of_names(["heron"])
    assert own.names == ["heron"]  # by the towers that lie in the folder
    graph = load_exported(exporting(runs["c2srt"], "safetensors"))
    assert graph.of_names(graph.names[:2]).names == graph.names[:2]
    with pytest.raises(
        InputError, match=r"params.yaml: is not there, .*`protoweave export RUN --to"
    ):
        graph.of_names(["heron"])


def test_a_network_that_says_something_else_is_refused(project, runs, exporting):
    folder = shutil.copytree(runs["base"], project.folder / "other scores")
    stored, header = SCORES.read(folder / "scores.safetensors")
    rest = {k: v for k, v in header.items() if k not in ("artifact", "version")}
    stored["0/test/logits"][3, 2] += 0.5
    SCORES.write(folder / "scores.safetensors", stored, **rest)
    with pytest.raises(
        InputError,
        match=r"differ from stored scores by .* on 24 pictures of 'test', expected at most 0\.0001",
    ):
        exporting(folder, "torchscript")
    assert read_export(exporting(folder, "torchscript", tolerance=0.6)).verified.tolerance == 0.6


def test_what_lies_in_the_way_or_is_damaged_is_refused(runs, exporting, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"mine: is there already and was not written by `proto"):
        export_network(tmp_path, str(runs["base"]), "torchscript", mine)
    assert (mine / "notes.txt").read_text() == "mine"
    folder = shutil.copytree(exporting(runs["base"], "torchscript"), tmp_path / "exported")
    with pytest.raises(InputError, match=r"exported: is an exported folder, .*`load_exported` ope"):
        load(folder)
    content = read_json(folder / EXPORT_FILE)
    write_json(folder / EXPORT_FILE, content | {"version": 2})
    with pytest.raises(InputError, match=r"export\.json: version: .*expected version 1; export"):
        load_exported(folder)
    write_json(folder / EXPORT_FILE, content)
    (folder / "network.pt").write_bytes(b"other")
    with pytest.raises(InputError, match=r"network\.pt: is not there or not the network that exp"):
        load_exported(folder)
    (folder / EXPORT_FILE).unlink()
    with pytest.raises(InputError, match=r"exported: holds no export\.json, expected a folder tha"):
        load_exported(folder)


def test_the_command_writes_a_folder_with_a_card(project, runs, tmp_path, monkeypatch):
    monkeypatch.chdir(project.folder)  # where params.yaml is
    out, folder = tmp_path / "exported", runs["base on images, two seeds"]

    def command(*words):
        return CliRunner().invoke(cli.app, list(map(str, words)), catch_exceptions=False).output

    said = command("export", folder, "--to", "torchscript", out, "--seed", 1)
    assert "exported: seed 1 of run" in said
    assert re.search(
        r"largest difference from stored scores of 24 pictures of 'test': \d\.\de-\d", said
    )
    files = {path.name for path in out.iterdir()}
    assert files == {"README.md", "export.json", "network.pt", "predict.py"}
    card = (out / CARD).read_text(encoding="utf-8")
    front = YAML(typ="safe").load(card.split("---")[1])
    assert front["tags"] == ["image-classification", "protoweave", "base", "torchscript"]
    assert front["license"] == "unknown"
    for sentence in (
        "Nobody else's weights are in it: lenet5 was trained from random ones.",
        "images by split: test 24, test_shift 4, train 40, val 4.",
        "The run was not judged: `dvc repro evaluate` does",
        "It knows these 12 names. What a picture shows besides gets one of these all the same.",
        "On 24 pictures of `test` its scores differ from stored scores by at most",
    ):
        assert sentence in card
    Image.new("RGB", (8, 8)).save(tmp_path / "grey.png")
    with pytest.raises(InputError, match=r"exported: holds seed 1, and --seed is 3; leave it out"):
        command("predict", out, tmp_path / "grey.png", "--seed", 3)
    with pytest.raises(InputError, match="--names and --names-beside are given, expected one"):
        command("export", folder, "--to", "onnx", out, "--names", "a", "--names-beside", "b")


def test_what_runs_or_writes_a_graph_is_missed(runs, exporting, monkeypatch):
    folder = exporting(runs["base"], "onnx")
    with pytest.raises(InputError, match=r"computes on no cuda; install onnxruntime-gpu, or choos"):
        load_exported(folder, device="cuda")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"network\.onnx: needs onnxruntime, which is not install"):
        load_exported(folder)
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    monkeypatch.delitem(sys.modules, "pipeline_lib.project.exporting.onnx_operators")
    with pytest.raises(InputError, match=r"network\.onnx: needs onnxscript, which is not install"):
        exporting(runs["base"], "onnx", seed=0)
    other = shutil.copytree(exporting(runs["base"], "safetensors"), folder.with_name("mixed"))
    names = exporting(runs["mkt"], "safetensors", names=Names(["heron"]))
    shutil.copy(names / "vocabulary.safetensors", other)
    with pytest.raises(InputError, match=r"is there, and method base is not told its labels by"):
        load_exported(other)
