"""A method fitted from artifacts, seed by seed, through kills and on several processes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from pipeline_lib.artifacts.knowledge import RELATIONS, write_knowledge
from pipeline_lib.artifacts.labelled import Labelled, read_labelled
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.errors import InputError
from pipeline_lib.methods.csrms.settings import Settings as Csrms
from pipeline_lib.progress import silent
from pipeline_lib.steps.train.job import Job
from pipeline_lib.training.fitted import Fitted
from tests.methods.toy import CSRMS
from tests.settled import settled
from tests.steps.toy import BASE, COUNTS, Ingested, ingested, job, settings

FEW = settings(epochs=2)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    return ingested(tmp_path_factory.mktemp("ingested"))


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "1")


def equal(found: Fitted, expected: Fitted) -> None:
    assert found.history == expected.history
    for one, other in (
        (found.state, expected.state),
        (found.logits, expected.logits),
        (found.features, expected.features),
    ):
        assert one.keys() == other.keys()
        for name, value in other.items():
            assert torch.equal(one[name], value), name


def stopping_after(steps: int) -> Any:
    """A tracker that kills the run."""

    def track(items: Any, *, label: str, total: int) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == steps:
                raise KeyboardInterrupt
            yield item

    return track


def test_an_easy_problem_is_learned(files, tmp_path):
    found = job(files, tmp_path).fit_one(0, silent)
    truth = files.table().filter(pl.col("split") == "test")["classes"].list.first().to_numpy()
    assert found.logits.keys() == {"test", "val"}
    assert found.logits["test"].shape == (2 * COUNTS["test"], 2)
    assert (found.logits["test"].argmax(1).numpy() == truth).mean() > 0.9
    assert len(found.history) == 6


def test_a_killed_run_goes_on_and_gives_the_same_outcome(files, tmp_path):
    # 48 images in batches of 8: 6 steps an epoch; the kill comes within the third
    expected = job(files, tmp_path / "whole").fit_one(0, silent)
    with pytest.raises(KeyboardInterrupt):
        job(files, tmp_path / "killed").fit_one(0, stopping_after(15))
    steps = []

    def counting(items: Any, *, label: str, total: int) -> Iterator[Any]:
        steps.append((label, total))
        yield from items

    equal(job(files, tmp_path / "killed").fit_one(0, counting), expected)
    assert steps == [("easy, seed 0", 4 * 6)]


def test_finished_seeds_survive_a_kill_until_they_are_forgotten(files, tmp_path):
    run = job(files, tmp_path, settings=FEW)
    outcomes = run.fit([0, 1], silent)
    first = next(outcomes)
    outcomes.close()
    trained = []

    def counting(items: Any, *, label: str, total: int) -> Iterator[Any]:
        trained.append((label, total))
        yield from items

    again, second = run.fit([0, 1], counting)
    equal(again, first)
    assert trained == [("easy, seed 0", 0), ("easy, seed 1", 12)]
    assert not torch.equal(first.logits["test"], second.logits["test"])
    assert len(list(tmp_path.iterdir())) == 2
    run.forget([0])
    assert len(list(tmp_path.iterdir())) == 1
    run.forget([0, 1])
    assert list(tmp_path.iterdir()) == []


def test_several_workers_give_the_same_bits_in_the_same_order(files, tmp_path, monkeypatch):
    expected = list(job(files, tmp_path / "one", settings=FEW).fit([1, 0], silent))
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "2")
    found = list(job(files, tmp_path / "two", settings=FEW).fit([1, 0], silent))
    for one, other in zip(found, expected, strict=True):
        equal(one, other)
    assert not torch.equal(found[0].logits["test"], found[1].logits["test"])


def folders(run: Job, seed: int = 0) -> set[str]:
    """Where a run keeps its checkpoints: it is killed after the first epoch."""
    with pytest.raises(KeyboardInterrupt):
        run.fit_one(seed, stopping_after(6))
    found = {path.name for path in run.checkpoints.iterdir()}
    run.forget([seed])
    return found


def test_a_checkpoint_belongs_to_all_that_decides_the_result(files, tmp_path):
    def of(seed: int = 0, **changes: Any) -> str:
        (folder,) = folders(job(files, tmp_path, **changes), seed)
        return folder

    original = of()
    # names, further seeds and places do not decide
    assert of(name="other", settings=replace(settings(), seeds=[0, 5])) == original
    copied = tmp_path.parent / f"{tmp_path.name}-copy.parquet"
    copied.write_bytes(files.samples.read_bytes())
    assert of(samples=copied) == original
    table = files.table().with_columns(captions=pl.lit(["a caption"]))
    SAMPLES.write(table, copied)
    others = {
        of(seed=1),
        of(settings=settings(lr=0.03)),
        of(settings=settings(epochs=7)),
        of(samples=copied),
    }
    assert len(others | {original}) == 5


def test_labels_of_evaluation_images_never_reach_training(files, tmp_path):
    expected = job(files, tmp_path / "a", settings=FEW).fit_one(0, silent)
    table = files.table()
    rng = np.random.default_rng(0)
    rows = np.flatnonzero((table["split"] != "train").to_numpy())
    labels = table["classes"].to_list()
    for row, other in zip(rows, rng.permutation(rows), strict=True):
        labels[row] = table["classes"][int(other)].to_list()
    shuffled = table.with_columns(classes=pl.Series(labels, dtype=table.schema["classes"]))
    assert not shuffled.equals(table)
    SAMPLES.write(shuffled, tmp_path / "samples.parquet")
    run = job(files, tmp_path / "b", settings=FEW, samples=tmp_path / "samples.parquet")
    equal(run.fit_one(0, silent), expected)


def test_labels_that_were_left_out_reach_no_loss_but_an_oracles(files, tmp_path):
    expected = job(files, tmp_path / "a", settings=FEW).fit_one(0, silent)
    table = files.table()
    left_out = pl.Series([[0, 1]] * len(table), dtype=table.schema["all_tags"])
    SAMPLES.write(table.with_columns(all_tags=left_out), tmp_path / "samples.parquet")
    run = job(files, tmp_path / "b", settings=FEW, samples=tmp_path / "samples.parquet")
    equal(run.fit_one(0, silent), expected)


@pytest.mark.parametrize(
    ("target", "all_tags", "expected"),
    [
        ("tags", [[0, 2], None, []], [[1, 0, 1], [0, 0, 0]]),
        ("tags", [None, None, None], None),
        ("classes", [[0, 2], None, []], None),
    ],
)
def test_an_oracle_is_told_all_labels_of_the_training_images(
    files, tmp_path, target, all_tags, expected
):
    samples = pl.DataFrame(
        {"split": ["train", "test", "train"], "tags": [[2], [0, 1], []], "classes": [[0]] * 3},
    ).with_columns(all_tags=pl.Series(all_tags, dtype=pl.List(pl.Int32)))
    categories = pl.DataFrame(
        {"kind": ["class", "tag", "tag", "tag"], "index": [0, 0, 1, 2], "name": list("abcd")}
    )
    table = Labelled(samples=samples, categories=categories)
    data = job(files, tmp_path, target=target).data(table, list)
    assert data.targets.sum().item() == (1 if target == "tags" else 2)
    assert expected == (None if data.oracle is None else data.oracle.tolist())


@pytest.mark.parametrize(
    ("target", "expected"), [("classes", [[0, 0, 1], [1, 1, 0]]), ("tags", None)]
)
def test_tags_of_the_training_images_go_beside_their_classes(files, tmp_path, target, expected):
    samples = pl.DataFrame(
        {"split": ["train", "test", "train"], "tags": [[2], [2], [0, 1]], "classes": [[0]] * 3},
    ).with_columns(all_tags=pl.Series([None] * 3, dtype=pl.List(pl.Int32)))
    categories = pl.DataFrame(
        {"kind": ["class", "tag", "tag", "tag"], "index": [0, 0, 1, 2], "name": list("abcd")}
    )
    table = Labelled(samples=samples, categories=categories)
    data = job(files, tmp_path, target=target).data(table, list)
    assert expected == (None if data.tags is None else data.tags.tolist())
    untagged = read_labelled(files.samples, files.categories)
    assert job(files, tmp_path).data(untagged, list).tags is None


def test_training_labels_do_matter(files, tmp_path):
    expected = job(files, tmp_path / "a", settings=FEW).fit_one(0, silent)
    table = files.table()
    turned = [[1 - labels[0]] for labels in table["classes"].to_list()]
    other = table.with_columns(classes=pl.Series(turned, dtype=table.schema["classes"]))
    SAMPLES.write(other, tmp_path / "samples.parquet")
    run = job(files, tmp_path / "b", settings=FEW, samples=tmp_path / "samples.parquet")
    assert not torch.equal(run.fit_one(0, silent).logits["test"], expected.logits["test"])


def csrms(files: Ingested, tmp_path: Path, ids: list[str]) -> Job:
    """A run of CSRMS; every image's list holds its neighbours of its own or the other class."""
    half = len(ids) // 2  # the ids are sorted: blue, then red
    index = np.arange(len(ids), dtype=np.int32)
    own = index // half * half
    arrays = {
        "positives": np.stack([own + (index + i) % half for i in (1, 2)], 1).astype(np.int32),
        "negatives": ((index + half) % len(ids))[:, None].astype(np.int32),
        "difficulty": index % 3,
        "cluster": index // half,
        "dominant": np.array([0, 1], np.int32),
    }
    write_knowledge(RELATIONS, tmp_path / "knowledge.st", ids, arrays)
    recipe = BASE["recipe"] | {"epochs": 3}
    section = CSRMS | {"backbone": BASE["backbone"], "recipe": recipe}
    return job(
        files,
        tmp_path / "checkpoints",
        method="csrms",
        settings=settled(Csrms, section),
        knowledge=tmp_path / "knowledge.st",
    )


def test_csrms_is_fitted_with_its_knowledge_and_survives_a_kill(files, tmp_path):
    run = csrms(files, tmp_path, files.train_ids())
    with pytest.raises(KeyboardInterrupt):
        run.fit_one(0, stopping_after(13))
    resumed = run.fit_one(0, silent)
    run.forget([0])
    equal(resumed, run.fit_one(0, silent))
    assert resumed.logits["test"].shape == (2 * COUNTS["test"], 2)


def test_knowledge_of_other_images_is_refused(files, tmp_path):
    ids = [f"x{name}" for name in files.train_ids()]
    with pytest.raises(InputError, match=r"knowledge.st: belongs to another training set.* 48 "):
        csrms(files, tmp_path, ids).fit_one(0, silent)


def test_an_unknown_method_is_refused(files, tmp_path):
    with pytest.raises(InputError, match="no method 'bse'; did you mean 'base'"):
        job(files, tmp_path, method="bse").fit_one(0, silent)
