"""The promises of the cache, kept by the real pipeline on a tiny data set."""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.pipeline.conftest import ALWAYS

RUNS = ("base", "csrms", "vscnet", "base_tags", "dlsa", "clip", "c2srt", "sigrl")
ALL = {
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
    *(f"train@{run}" for run in RUNS),
    *(f"evaluate@{run}" for run in RUNS),
    "report",
}
RELATIONS_AND_AFTER = {"relations@classes", "train@csrms", "evaluate@csrms", "report"}
ONE_WORKER = {"PROTOWEAVE_WORKERS": "1", "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
TWO_WORKERS = {"PROTOWEAVE_WORKERS": "2", "OMP_NUM_THREADS": "2", "POLARS_MAX_THREADS": "2"}
PATIENCE = 300.0  # seconds until a run that should be killed must have come so far


def test_every_stage_leaves_what_dvc_yaml_promises(finished):
    assert set(stages_of(finished)) == ALL
    assert len(finished.digests()) >= len(ALL)
    assert all((finished.root / path).exists() for path in finished.digests())


def test_a_second_repro_looks_at_the_data_set_and_runs_nothing_else(finished):
    assert finished.ran() == [ALWAYS]


def test_a_parameter_of_relations_reruns_what_reads_it_and_nothing_else(changed):
    changed.change("relations.n", 2)
    explained = changed.protoweave("explain")
    assert "relations.n: 3 → 2" in explained
    assert set(re.findall(r"^(\S+@\S+|report)", explained, re.MULTILINE)) == RELATIONS_AND_AFTER
    assert set(changed.repro(**TWO_WORKERS)) == RELATIONS_AND_AFTER
    changed.change("relations.n", 3)
    assert changed.repro() == [], "the run-cache brings the old results back"


def test_a_parameter_of_one_method_trains_that_method_alone(changed):
    changed.change("base.recipe.lr", 0.02)
    assert own_changes(changed) == {"train@base"}


def test_an_edited_loss_of_csrms_touches_no_other_stage(changed):
    edit(changed.root / "pipeline_lib/methods/csrms/losses.py")
    assert own_changes(changed) == {"train@csrms"}


def test_an_edited_loss_of_vscnet_keeps_its_regions_and_exemplars(changed):
    edit(changed.root / "pipeline_lib/methods/vscnet/causal.py")
    assert own_changes(changed) == {"train@vscnet"}


def test_an_edited_csnet_finds_regions_anew(changed):
    edit(changed.root / "pipeline_lib/methods/vscnet/csnet.py")
    assert own_changes(changed) == {"csnet@classes", "regions@classes", "train@vscnet"}


def test_a_parameter_of_exemplars_keeps_maps_and_regions(changed):
    changed.change("exemplars.filtering", 0.1)
    after = {"exemplars@classes", "train@vscnet", "evaluate@vscnet", "report"}
    assert set(changed.repro(**TWO_WORKERS)) == after


def test_an_edited_head_of_c2srt_touches_no_other_stage(changed):
    edit(changed.root / "pipeline_lib/methods/c2srt/transfer.py")
    assert own_changes(changed) == {"train@c2srt"}


def test_another_prompt_embeds_names_anew_and_keeps_the_towers(changed):
    changed.change("text.prompts", ["a {}", "There is a {} in the scene"])
    assert own_changes(changed) == {"text@tags"}


def test_an_edited_readme_of_a_method_runs_nothing(changed):
    readme = changed.root / "pipeline_lib/methods/csrms/README.md"
    readme.write_text(readme.read_text() + "More.\n")
    assert own_changes(changed) == set()


def test_an_edited_clusterer_touches_no_training(changed):
    edit(changed.root / "pipeline_lib/clustering/fuzzy_art.py")
    assert own_changes(changed) == {"clusters@classes", "exemplars@classes"}


def test_an_edited_reader_touches_ingestion_alone(changed):
    edit(changed.root / "pipeline_lib/datasets/cifar.py")
    assert own_changes(changed) == {"ingest"}


def test_a_new_method_in_the_registry_trains_nothing_anew(changed):
    edit(changed.root / "pipeline_lib/methods/registry.py")
    assert own_changes(changed) <= {"report"}


def test_only_what_an_enabled_method_needs_is_in_the_graph(fresh):
    off = [argument for run in RUNS[1:] for argument in ("--disable", run)]
    fresh.protoweave("methods", *off)
    assert set(stages_of(fresh)) == {"ingest", "train@base", "evaluate@base", "report"}
    on = ("csrms", "vscnet", "dlsa", "clip", "c2srt", "sigrl")
    fresh.protoweave("methods", *(argument for run in on for argument in ("--enable", run)))
    assert set(stages_of(fresh)) == ALL - {"train@base_tags", "evaluate@base_tags"}
    off = ("base", "csrms", "vscnet", "clip", "c2srt", "sigrl")
    fresh.protoweave("methods", *(argument for run in off for argument in ("--disable", run)))
    of_tags = {"vlp@towers", "baseline@tags", "maps@tags", "text@tags", "category_graph@tags"}
    assert set(stages_of(fresh)) == of_tags | {"ingest", "train@dlsa", "evaluate@dlsa", "report"}
    fresh.protoweave("methods", "--disable", "dlsa", "--enable", "c2srt")
    of_names = {"vlp@towers", "text@tags", "category_graph@tags"}
    assert set(stages_of(fresh)) == of_names | {"ingest", "train@c2srt", "evaluate@c2srt", "report"}
    fresh.protoweave("methods", "--disable", "c2srt")
    assert set(stages_of(fresh)) == {"ingest", "report"}


def test_a_clone_that_pulls_runs_nothing(finished, changed, tmp_path):
    changed.run("dvc", "remote", "add", "--default", "team", str(tmp_path / "remote"))
    changed.run("git", "commit", "--quiet", "--all", "--message", "remote")
    changed.run("dvc", "push", "--run-cache")
    changed.run("git", "clone", "--quiet", str(changed.root), str(tmp_path / "clone"))
    clone = type(changed)(tmp_path / "clone")
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


def test_killed_and_resumed_with_one_worker_everything_has_the_bytes_of_two_workers(
    finished, fresh
):
    kill_when(fresh, lambda: parts(fresh) > 0, ONE_WORKER)
    survived = parts(fresh)
    assert not (fresh.root / "data/artifacts/features/classes/index.parquet").exists()
    kill_when(fresh, lambda: checkpoints_after_relations(fresh) > 0, ONE_WORKER)
    assert not (fresh.root / "data/artifacts/train/csrms/scores.safetensors").exists()
    fresh.repro(**ONE_WORKER)
    assert parts(fresh) >= survived
    assert fresh.digests() == finished.digests()
    assert fresh.repro() == []


def stages_of(project) -> list[str]:
    listed = [line.split()[0] for line in project.run("dvc", "stage", "list").splitlines()]
    return [name for name in listed if name != ALWAYS]


def own_changes(project) -> set[str]:
    """Return the stages that run whatever others write."""
    return set(json.loads(project.run("dvc", "status", "--json"))) - {ALWAYS}


def edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")


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
