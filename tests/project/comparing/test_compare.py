import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.artifacts.evaluation import DRAWS
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.judge import difference
from pipeline_lib.project.comparing import pair, provenance
from pipeline_lib.project.comparing.named_run import find
from pipeline_lib.reporting.verdicts import BETTER, NOT_SHOWN, WORSE
from tests.reporting.conftest import SPLITS

BASE, RIVAL, TWIN, TAGS, DLSA = "base", "rival & son", "twin", "plain & tags", "dlsa"


def two(checkout, first, second, *revisions):
    return find(checkout.root, [first, second] if second else [first], list(revisions))


def said(found):
    return {(one.kind, one.what) for one in found}


def retrained(checkout, right=(True, True)):
    """Train base anew, so that it recognises other images."""
    every = {split: np.resize(right, count) for split, count in SPLITS.items()}
    checkout.workspace.add_run(BASE, every)


def invoke(*words):
    return CliRunner().invoke(cli.app, words, catch_exceptions=False)


def test_the_difference_is_that_of_the_resamples_that_evaluate_drew(judged):
    ours, theirs = two(judged, RIVAL, BASE)
    lines = pair.lines(ours.outcome, theirs.outcome, ["test"])
    draws = [
        DRAWS.read(judged.root / f"data/artifacts/evaluate/{run}/draws.safetensors")[0]
        for run in (RIVAL, BASE)
    ]
    assert [line.measure.name for line in lines] == [m.name for m in ours.outcome.measures]
    for line in lines:
        a, b = (draw[f"test/{line.measure.name}"] for draw in draws)
        assert line.difference == difference(line.measure, a, b)
    # base is right on every second image: 100 % − 50 %
    assert (lines[0].difference.value, lines[0].verdict) == (pytest.approx(0.5), BETTER)


def test_turned_round_the_verdict_is_the_other_one_and_equal_runs_have_none(judged):
    worse = pair.lines(*(run.outcome for run in two(judged, BASE, RIVAL)), ["test"])
    assert worse[0].verdict == WORSE
    equal = pair.lines(*(run.outcome for run in two(judged, BASE, TWIN)), ["test"])
    assert {line.verdict for line in equal} == {NOT_SHOWN}
    assert {line.difference.value for line in equal} == {0.0}


def test_a_run_is_compared_with_itself_at_another_commit_and_nothing_is_checked_out(checkout):
    before = (checkout.root / "data/artifacts/evaluate/base/draws.safetensors").read_bytes()
    retrained(checkout)
    checkout.record()
    after = (checkout.root / "data/artifacts/evaluate/base/draws.safetensors").read_bytes()
    ours, theirs = two(checkout, BASE, "", "HEAD")
    assert (ours.outcome.name, theirs.outcome.name) == ("base", "HEAD:base")
    (first, *_) = pair.lines(ours.outcome, theirs.outcome, ["test"])
    assert (first.ours.value, first.theirs.value) == (1.0, 0.5)
    assert (checkout.root / "data/artifacts/evaluate/base/draws.safetensors").read_bytes() == after
    assert before != after


def test_two_revisions_of_one_run_or_runs_of_two_revisions_are_compared(checkout):
    first = checkout.git("rev-parse", "HEAD")
    retrained(checkout)
    checkout.commit("second")
    for found in (
        two(checkout, BASE, "", "HEAD", first),
        two(checkout, "HEAD:base", f"{first}:base"),
        two(checkout, BASE, f"HEAD~1:{TWIN}"),  # twin was then what base was
    ):
        (line, *_) = pair.lines(*(one.outcome for one in found), ["test"])
        assert (line.ours.value, line.theirs.value) == (1.0, 0.5)


def test_an_experiment_of_dvc_is_found_by_its_name(checkout):
    first = checkout.git("rev-parse", "HEAD")
    retrained(checkout)
    ref = f"refs/exps/{first[:2]}/{first[2:]}/brave-owl"
    checkout.git("update-ref", ref, checkout.commit("experiment"))
    checkout.git("reset", "--quiet", "--soft", first)
    ours, theirs = two(checkout, BASE, "", "brave-owl", first)
    assert ours.outcome.metrics["test"]["top_k_accuracy_1"] == 1.0
    assert theirs.outcome.metrics["test"]["top_k_accuracy_1"] == 0.5
    with pytest.raises(InputError, match=r"^brave-howl: git knows .*did you mean 'brave-owl'"):
        two(checkout, BASE, "", "brave-howl")


def test_what_differs_is_found_and_named(checkout):
    checkout.listing(BASE, head="aa", loop="changed")
    checkout.change("base", recipe=checkout.workspace.params["base"]["recipe"] | {"epochs": 7})
    retrained(checkout)
    checkout.change("dataset", seed=3)
    samples = checkout.root / "data/artifacts/ingest/samples.parquet"
    frame = SAMPLES.read(samples)
    SAMPLES.write(frame.with_columns(captions=pl.concat_list("sample_id")), samples)
    checkout.record()
    epochs = checkout.workspace.params["base"]["recipe"]["epochs"]
    seed = checkout.git("show", "HEAD:params.yaml").split("dataset:")[1].split("seed: ")[1].split()
    assert said(provenance.differences(*two(checkout, BASE, "", "HEAD"))) == {
        ("setting", f"recipe.epochs: {epochs} | 30"),
        ("code", "changed: loop.py"),
        ("input", "data/artifacts/ingest/samples.parquet: of other content"),
        ("made by ingest", f"dataset.seed: 3 | {seed[0]}"),
    }


def test_what_one_run_alone_has_is_said_in_one_line(judged):
    found = said(provenance.differences(*two(judged, RIVAL, BASE)))
    assert ("setting", "method: csrms | base") in found
    assert ("code", "of rival & son alone: graph.py") in found
    assert ("code", "of base alone: loop.py") in found
    assert not [what for kind, what in found if "changed" in what and kind == "code"]
    (alone,) = (w for k, w in found if k == "setting" and w.startswith("of rival & son alone: "))
    assert "n_neighbours 5" in alone


def test_nothing_differs_between_a_run_and_itself(judged):
    assert provenance.differences(*two(judged, BASE, "HEAD:base")) == []


def test_listings_that_the_cache_lost_are_said_to_be_lost(checkout):
    checkout.cached("data/artifacts/code/train/base.txt").unlink()
    found = said(provenance.differences(*two(checkout, BASE, RIVAL)))
    assert ("code", "modules, of which DVC's cache has no listing any more") in found


def test_images_that_bear_other_labels_are_counted(checkout):
    samples = checkout.root / "data/artifacts/ingest/samples.parquet"
    frame = SAMPLES.read(samples)
    other = frame["sample_id"].is_in(["test-000", "test-004", "train-001"])
    kinds = [[1 - c % 2] if o else [c] for o, (c,) in zip(other, frame["classes"], strict=True)]
    kinds = pl.Series("classes", kinds, pl.List(pl.Int32))
    SAMPLES.write(frame.with_columns(kinds), samples)
    checkout.record()
    assert pair.relabelled(*two(checkout, BASE, "", "HEAD"), "test") == 2
    assert pair.relabelled(*two(checkout, BASE, TWIN), "test") == 0


def test_the_command_prints_metrics_verdicts_and_what_differs(checkout):
    output = invoke("compare", RIVAL, BASE, "--split", "test", "--split", "test_shift").output
    assert "test, 30 images: rival & son − base" in output
    assert "test_shift, 9 images" in output
    assert "100.0 [100.0, 100.0]  50.0 [" in output
    assert "+50.0 [" in output
    assert "better" in output
    assert "setting: method: csrms | base" in output
    same = invoke("compare", BASE, "--rev", "HEAD").output
    assert "+0.0 [+0.0, +0.0]" in same
    assert "nothing differs" in same


def test_without_a_lock_it_is_said_that_nothing_was_recorded(checkout):
    (checkout.root / "dvc.lock").unlink()
    assert "dvc.lock says nothing of twin" in invoke("compare", BASE, TWIN).output


def faults(checkout):
    yield [BASE, DLSA], r"'base' predicts classes and 'dlsa' tags, expected runs that predict"
    yield ["bse", BASE], r"methods has no run 'bse'; did you mean 'base'"
    yield ["HEAD:bse", BASE], r"^HEAD:params\.yaml: methods has no run 'bse'"
    yield ["HEAD:", BASE], r"'HEAD:': expected RUN, or REVISION:RUN"
    yield [BASE], r"takes two runs, or one with --rev REVISION, found 1: base"
    yield [BASE, TWIN, "--rev", "HEAD"], r"--rev with 2 runs, expected one run"
    yield ["HEAD~1:base", BASE], r"^HEAD~1: git knows no such revision"
    yield [BASE, TWIN, "--split", "tset"], r"was not judged on 'tset', .*did you mean 'test'"


@pytest.mark.parametrize("number", range(8))
def test_what_cannot_be_compared_is_refused(judged, monkeypatch, number):
    monkeypatch.chdir(judged.root)
    words, message = list(faults(judged))[number]
    with pytest.raises(InputError, match=message):
        invoke("compare", *words)


def test_results_that_are_not_in_the_cache_name_what_fetches_them(checkout):
    path = "data/artifacts/evaluate/base/draws.safetensors"
    checkout.cached(path).unlink()
    with pytest.raises(InputError, match=rf"^HEAD: {path} .* not in DVC's cache.*`dvc fetch --all"):
        two(checkout, BASE, "", "HEAD")


def test_a_commit_without_dvc_lock_is_refused(checkout):
    checkout.git("rm", "--quiet", "--cached", "dvc.lock")
    checkout.git("commit", "--quiet", "--message", "without")
    with pytest.raises(
        InputError, match=r"^HEAD: that commit holds no dvc\.lock.*git add dvc\.lock"
    ):
        two(checkout, BASE, "", "HEAD")


def test_a_run_that_a_commit_did_not_judge_is_refused(checkout):
    text = (checkout.root / "dvc.lock").read_text()
    (checkout.root / "dvc.lock").write_text(text.replace("evaluate/base", "evaluate/gone"))
    checkout.git("commit", "--quiet", "--all", "--message", "of another run")
    with pytest.raises(InputError, match=r"^HEAD: its dvc\.lock names no .*evaluate/base/"):
        two(checkout, BASE, "", "HEAD")


def test_a_damaged_result_of_a_commit_is_told_from_one_of_the_checkout(checkout):
    path = "data/artifacts/evaluate/base/draws.safetensors"
    checkout.cached(path).write_bytes(b"cut")
    with pytest.raises(InputError, match=rf"^HEAD: {path}: not a complete.*; compare revisions"):
        two(checkout, BASE, "", "HEAD")


@pytest.mark.parametrize(("key", "value"), [("draws", 150), ("seed", 5)])
def test_runs_that_were_judged_in_other_resamples_are_refused(checkout, key, value):
    checkout.change("evaluation", **{key: value})
    retrained(checkout)
    checkout.record()
    ours, theirs = two(checkout, BASE, "", "HEAD")
    with pytest.raises(InputError, match=rf"evaluation\.{key} {value} and 'HEAD:base' with"):
        pair.compared(ours, theirs, ["test"])


def test_another_number_of_resamples_is_refused_where_nothing_was_recorded(checkout):
    checkout.change("evaluation", draws=150)
    retrained(checkout)
    with pytest.raises(InputError, match=r"'base' was judged in 150 resamples .*'twin' in 100"):
        pair.lines(*(one.outcome for one in two(checkout, BASE, TWIN)), ["test"])


def test_the_pair_of_tags_is_compared_too(judged):
    (first, *_) = pair.lines(*(one.outcome for one in two(judged, DLSA, TAGS)), ["test"])
    assert (first.measure.name, first.verdict) == ("map_noninterpolated", BETTER)
