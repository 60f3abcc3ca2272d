"""The promises of the cache, kept by the real pipeline on a tiny data set."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import repro
from pipeline_lib import open_project
from pipeline_lib.errors import InputError
from pipeline_lib.project.plan import plan
from tests.pipeline.conftest import ALWAYS

RUNS = ("base", "csrms", "vscnet", "dlsa", "clip", "c2srt", "sigrl")
ALL = {
    "code",
    "ingest",
    "vlp@towers",
    "baseline@classes",
    "baseline@tags",
    "features@classes",
    "clusters@classes",
    "relations@classes",
    "maps@tags",
    "csnet@classes",
    "regions@classes",
    "exemplars@classes",
    "text@tags",
    "category_graph@tags",
    "quality@images",
    *(f"train@{run}" for run in RUNS),
    *(f"evaluate@{run}" for run in RUNS),
    "report",
}
ALWAYS_THERE = {"code", "ingest", "report"}
RELATIONS_AND_AFTER = {"relations@classes", "train@csrms", "evaluate@csrms", "report"}
TWO_WORKERS = {"PROTOWEAVE_WORKERS": "2", "OMP_NUM_THREADS": "2", "POLARS_MAX_THREADS": "2"}
PATIENCE = 1200.0  # seconds until a run that should be killed must have come so far


def test_every_stage_leaves_what_dvc_yaml_promises(finished):
    assert set(stages_of(finished)) == ALL
    assert len(finished.digests()) >= len(ALL)
    assert all((finished.root / path).exists() for path in finished.digests())


def test_a_second_repro_looks_at_the_data_set_and_runs_nothing_else(finished):
    assert finished.ran() == [ALWAYS]


def test_what_a_repro_costs_that_has_nothing_to_do_is_measured(finished, tmp_path):
    measured = repro.measure(finished.root, tmp_path, rounds=1)
    assert measured["stages"] == len({ALWAYS, *ALL})
    assert measured["seconds"].keys() == {"empty", *repro.OURS}
    assert min(measured["seconds"].values()) > 0


def test_what_it_costs_cannot_be_measured_before_the_pipeline_has_run(tmp_path):
    with pytest.raises(InputError, match=r"dvc\.lock: missing, expected a pipeline that has run"):
        repro.measure(tmp_path, tmp_path, rounds=1)


def test_a_parameter_of_relations_reruns_what_reads_it_and_nothing_else(changed):
    changed.change("relations.n", 2)
    explained = changed.protoweave("explain")
    assert "relations.n: 3 → 2" in explained
    assert stages_in(explained) == RELATIONS_AND_AFTER
    assert set(changed.repro()) == RELATIONS_AND_AFTER
    changed.change("relations.n", 3)
    assert changed.repro() == [], "the run-cache brings the old results back"


ALONE = {
    "a parameter of one method": (("base.recipe.optimizer.lr", 0.02), {"train@base"}),
    "a parameter of exemplars": (("exemplars.filtering", 0.1), {"exemplars@classes"}),
    "prompts": (("text.source.prompts", ["a {}", "There is a {} in the scene"]), {"text@tags"}),
    "lists of neighbours": (("category_graph.neighbours", 17), {"category_graph@tags"}),
    "a loss of CSRMS": ("pipeline_lib/methods/csrms/losses.py", {"train@csrms"}),
    "a loss of VSCNet": ("pipeline_lib/methods/vscnet/causal.py", {"train@vscnet"}),
    "CSNet": (
        "pipeline_lib/methods/vscnet/csnet.py",
        {"csnet@classes", "regions@classes"},  # and training by their regions alone
    ),
    "a head of C2SRT": ("pipeline_lib/methods/c2srt/transfer.py", {"train@c2srt"}),
    "the README of a method": ("pipeline_lib/methods/dlsa/README.md", set()),
    "a clusterer": (
        "pipeline_lib/clustering/fuzzy_art/estimator.py",
        {"clusters@classes", "exemplars@classes"},
    ),
    "a reader": ("pipeline_lib/datasets/cifar.py", {"ingest"}),
    "the catalogue of methods": ("pipeline_lib/methods/registry.py", {"report"}),
}


@pytest.mark.parametrize("what", ALONE)
def test_a_change_reruns_the_stages_that_read_it_and_no_other(what, reading):
    change, expected = ALONE[what]
    assert reading(change) == expected


@pytest.fixture(scope="module")
def reading(finished, tmp_path_factory):
    """Which stages run for a change whatever others write, where all of ALONE were made."""
    project = finished.copy(tmp_path_factory.mktemp("status") / "project")
    for change, _ in ALONE.values():
        if isinstance(change, str):
            edit(project.root / change)
        else:
            project.change(*change)
    planned = plan(project.root)

    def stages(change: str | tuple[str, object]) -> set[str]:
        name = change if isinstance(change, str) else change[0]
        found = {p.stage for p in planned if any(name in reason for reason in p.reasons)}
        return found - {ALWAYS}

    return stages


def test_an_edited_page_or_comment_lists_the_code_anew_and_runs_nothing_else(changed):
    readme = changed.root / "pipeline_lib/methods/csrms/README.md"
    readme.write_text(readme.read_text() + "More.\n")
    losses = changed.root / "pipeline_lib/methods/csrms/losses.py"
    losses.write_text(losses.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    assert stages_in(changed.protoweave("explain")) == {"code"}
    assert changed.repro() == ["code"]


def test_an_edit_is_explained_by_its_module_before_anything_runs(changed):
    edit(changed.root / "pipeline_lib/methods/csrms/losses.py")
    explained = changed.protoweave("explain")
    assert stages_in(explained) == {"code", "train@csrms", "evaluate@csrms", "report"}
    assert "code pipeline_lib/methods/csrms/losses.py changed" in explained


def test_only_what_an_enabled_method_needs_is_in_the_graph(fresh):
    off = [argument for run in RUNS[1:] for argument in ("--disable", run)]
    fresh.protoweave("methods", *off)
    assert set(stages_of(fresh)) == ALWAYS_THERE | {"train@base", "evaluate@base"}
    on = ("csrms", "vscnet", "dlsa", "clip", "c2srt", "sigrl")
    fresh.protoweave("methods", *(argument for run in on for argument in ("--enable", run)))
    assert set(stages_of(fresh)) == ALL
    off = ("base", "csrms", "vscnet", "clip", "c2srt", "sigrl")
    fresh.protoweave("methods", *(argument for run in off for argument in ("--disable", run)))
    of_tags = {"vlp@towers", "baseline@tags", "maps@tags", "text@tags", "category_graph@tags"}
    of_tags |= {"quality@images"}  # which looks at the maps
    assert set(stages_of(fresh)) == of_tags | ALWAYS_THERE | {"train@dlsa", "evaluate@dlsa"}
    fresh.protoweave("methods", "--disable", "dlsa", "--enable", "c2srt")
    of_names = {"vlp@towers", "text@tags", "category_graph@tags"}
    assert set(stages_of(fresh)) == of_names | ALWAYS_THERE | {"train@c2srt", "evaluate@c2srt"}
    fresh.protoweave("methods", "--disable", "c2srt")
    assert set(stages_of(fresh)) == ALWAYS_THERE


def test_a_clone_that_pulls_runs_nothing(finished, changed, tmp_path):
    changed.run("dvc", "remote", "add", "--default", "team", str(tmp_path / "remote"))
    changed.run("git", "commit", "--quiet", "--all", "--message", "remote")
    changed.run("dvc", "push", "--run-cache")
    changed.run("git", "clone", "--quiet", str(changed.root), str(tmp_path / "clone"))
    clone = type(changed)(tmp_path / "clone")
    for wanted in ("train@dlsa", "data/artifacts/maps/tags/network.safetensors"):
        clone.run("dvc", "pull", wanted)  # beside a stage's name DVC leaves a file of a folder out
    recogniser = open_project(clone.root).load("dlsa")
    found = recogniser.predict([np.zeros((40, 50, 3), np.uint8)], threshold=0.001)
    assert found.labels[0]  # and neither maps of the data set nor a baseline are there
    clone.run("dvc", "pull")
    assert clone.repro() == []
    assert clone.digests() == finished.digests()


def test_metrics_and_plots_are_shown_by_dvc(changed):
    shown = changed.run("dvc", "metrics", "show")
    assert "data/artifacts/evaluate/csrms/metrics.json" in shown
    columns = shown.splitlines()[0].split()[1:]
    assert len(columns) <= 8
    assert {"test", "test_low", "test_high", "unseen", "val"} <= set(columns)
    changed.change("evaluation.top_k", [2, 1])
    changed.repro("evaluate@base")
    assert "base/metrics.json" in changed.run("dvc", "metrics", "diff")
    page = changed.run("dvc", "plots", "show", "--out", "plots").strip()
    assert "base: training loss" in Path(page.removeprefix("file://")).read_text()


def test_killed_and_resumed_with_two_workers_everything_has_the_bytes_of_one_worker(
    finished, fresh
):
    kill_when(fresh, lambda: parts(fresh) > 0, TWO_WORKERS)
    survived = parts(fresh)
    assert not (fresh.root / "data/artifacts/features/classes/index.parquet").exists()
    kill_when(fresh, lambda: checkpoints_after_relations(fresh) > 0, TWO_WORKERS)
    assert not (fresh.root / "data/artifacts/train/csrms/scores.safetensors").exists()
    fresh.repro(**TWO_WORKERS)
    assert parts(fresh) >= survived
    assert fresh.digests() == finished.digests()
    assert fresh.repro() == []


def stages_of(project) -> list[str]:
    listed = [line.split()[0] for line in project.run("dvc", "stage", "list").splitlines()]
    return [name for name in listed if name != ALWAYS]


def stages_in(explained: str) -> set[str]:
    """Return the stages that `protoweave explain` names."""
    return set(re.findall(r"^(\S+@\S+|report|code)", explained, re.MULTILINE))


def edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\nEDITED = True\n", encoding="utf-8")


def parts(project) -> int:
    return len(list((project.root / ".protoweave/features").glob("*/*.safetensors")))


def checkpoints_after_relations(project) -> int:
    """Count training states, once `relations` and train@base are in dvc.lock."""
    lock = project.root / "dvc.lock"
    text = lock.read_text(encoding="utf-8") if lock.exists() else ""
    if "relations@classes" not in text or "train@base" not in text:
        return 0
    return len(list((project.root / ".protoweave/train").glob("*/*.npz")))


def kill_when(project, ready: Callable[[], bool], environment: dict[str, str]) -> None:
    """Start `dvc repro`, and kill -9 it with all it started as soon as ``ready()``."""
    process = project.start(**environment)
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "the run never came so far"
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
