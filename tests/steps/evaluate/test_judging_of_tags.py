"""Scores of tags judged end to end."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, precision_recall_fscore_support
from threadpoolctl import threadpool_limits

from pipeline_lib.artifacts.evaluation import DRAWS, write_evaluation
from pipeline_lib.artifacts.json_file import canonical
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import CATEGORIES
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.judge import estimated
from pipeline_lib.params.evaluation import Evaluation, Tags
from pipeline_lib.steps.evaluate.judging import JudgedRun, judge

NAMES = ["boat", "cup", "dog", "lamp", "guitar"]  # the last one is unseen
MAP = "map_noninterpolated"
SPLITS = {"test": 40, "train": 5, "val": 12}
SEEDS = [7, 2]
TAGS = Tags(
    judged="seen",
    top_k=[1, 3],
    threshold=0.5,
    empty="skip",
    difficult="ignore",
    gzsl_order="seen_first",
)
PARAMS = Evaluation(top_k=[1], tags=TAGS, draws=150, seed=3, embedding="pca", embedding_images=10)


UNKNOWN = {1: [0, 1], 4: [0, 2, 3], 5: [0]}  # tags of some images, where they are not carried


def samples(*, marked: bool = False, open_: bool = False) -> pl.DataFrame:
    """Images with any number of tags; the third image of each split shows a difficult cup."""
    rng = np.random.default_rng(0)
    rows = []
    for split, count in SPLITS.items():
        for number in range(count):
            carried = np.flatnonzero(rng.random(5) < 0.4).tolist()
            difficult = ([1] if number == 2 else []) if marked else None
            unknown = [j for j in UNKNOWN.get(number, []) if j not in carried] if open_ else None
            rows.append((f"{split}-{number:02d}", split, carried, difficult, unknown))
    return pl.DataFrame(
        rows,
        schema={
            "sample_id": pl.String,
            "split": pl.String,
            "tags": pl.List(pl.Int32),
            "difficult": pl.List(pl.Int32),
            "unknown": pl.List(pl.Int32),
        },
        orient="row",
    )


def categories() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "kind": ["tag"] * 5,
            "index": pl.Series(range(5), dtype=pl.Int32),
            "name": NAMES,
            "seen": [name != "guitar" for name in NAMES],
            "train_count": pl.Series([1] * 5, dtype=pl.Int64),
            "far": pl.Series([None] * 5, dtype=pl.Boolean),
        }
    )


def truth_of(split: str) -> np.ndarray:
    rows = samples().filter(split=split)["tags"].to_list()
    return np.array([[j in row for j in range(5)] for row in rows])


def judged(
    folder: Path, *, marked: bool = False, open_: bool = False, zsl: bool = False, **changes: Any
) -> JudgedRun:
    rng = np.random.default_rng(1)
    arrays = {}
    if zsl:
        other = np.random.default_rng(2)
        for seed, split in ((s, split) for s in SEEDS for split in ("test", "val")):
            shape = (SPLITS[split], 1)  # the guitar
            arrays[f"{seed}/{split}/zsl"] = other.normal(size=shape).astype(np.float32)
    for split in ("test", "val"):
        truth = truth_of(split)
        for seed in SEEDS:
            logits = 2 * truth - 1 + rng.normal(size=truth.shape)
            arrays[f"{seed}/{split}/logits"] = logits.astype(np.float32)
        arrays[f"{SEEDS[0]}/{split}/features"] = rng.normal(size=(len(truth), 3)).astype(np.float16)
    about = {"leaks": [], "facts": [{}] * 2, "images_encoded": [10.0, 20.0]}
    SCORES.write(
        folder / "scores.st",
        arrays,
        run="mine",
        method="dlsa",
        seeds=SEEDS,
        splits=["test", "val"],
        **about,
    )
    params = PARAMS.model_copy(update={"tags": TAGS.model_copy(update=changes)})
    kinds = CATEGORIES.check(categories(), folder)
    table = Labelled(samples=samples(marked=marked, open_=open_), categories=kinds)
    with threadpool_limits(limits=1):
        return judge(folder / "scores.st", table, params, "tags")


def test_scores_that_are_read_in_pieces_are_judged_alike(tmp_path, monkeypatch):
    whole = judged(tmp_path, zsl=True)
    monkeypatch.setattr("pipeline_lib.steps.evaluate.scored.ROWS", 7)
    pieces = judged(tmp_path, zsl=True)
    assert pieces.details == whole.details
    assert all(np.array_equal(pieces.draws[name], draws) for name, draws in whole.draws.items())


@pytest.mark.parametrize(("which", "kept"), [("seen", 4), ("all", 5)])
def test_map_is_scikit_learns_over_the_tags_that_are_judged(tmp_path, which, kept):
    found = judged(tmp_path, judged=which)
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    for split in ("test", "val"):
        truth = truth_of(split)[:, :kept]
        logits = [arrays[f"{s}/{split}/logits"][:, :kept] for s in SEEDS]
        each = [average_precision_score(truth, seed, average="macro") for seed in logits]
        metrics = found.details[split]
        assert metrics["map_noninterpolated"] == pytest.approx(np.mean(each))
        assert metrics["map_noninterpolated_seed_std"] == pytest.approx(np.std(each, ddof=1))
        table = found.average_precision.filter(split=split, metric=MAP).sort("category")
        assert table["name"].to_list() == NAMES[:kept]
        expected = np.mean([average_precision_score(truth, s, average=None) for s in logits], 0)
        assert table["value"].to_numpy() == pytest.approx(expected)
        assert (table["low"] <= table["value"]).all()
        assert (table["high"] >= table["value"]).all()


def test_metrics_are_read_from_the_draws(tmp_path):
    found = judged(tmp_path)
    by_name = {measure.name: measure for measure in found.measures}
    for name, draws in found.draws.items():
        split, _, metric = name.partition("/")
        estimate, flat = estimated(by_name[metric], draws), found.details[split]
        assert (flat[metric], flat[f"{metric}_low"]) == (estimate.value, estimate.low)
        assert len(draws) == 151
    assert found.details.keys() == {"test", "val", "seeds", "images_encoded", "leaks"}


def test_tags_are_found_where_their_probability_exceeds_the_threshold(tmp_path):
    found = judged(tmp_path)
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    truth = np.concatenate([truth_of("test")[:, :4]] * 2)
    decided = np.concatenate([arrays[f"{s}/test/logits"][:, :4] > 0 for s in SEEDS])
    expected = precision_recall_fscore_support(truth, decided, zero_division=0)
    table = found.per_category.filter(split="test").sort("category")
    for name, values in zip(("precision", "recall", "f1"), expected[:3], strict=True):
        assert table[name].to_numpy() == pytest.approx(values)


def test_values_of_images_average_to_the_metrics(tmp_path):
    found = judged(tmp_path)
    for split in ("test", "val"):
        means = found.per_image.filter(split=split).group_by("metric").agg(pl.col("value").mean())
        assert len(means) == 4
        for metric, mean in means.iter_rows():
            assert found.details[split][metric] == pytest.approx(mean)


def test_difficult_tags_are_left_out_or_settled(tmp_path):
    precision = {}
    for how in ("ignore", "negative", "positive"):
        found = judged(tmp_path, marked=True, difficult=how).average_precision
        precision[how] = found.filter(name="cup", split="test", metric=MAP)["value"].item()
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    truth, kept = truth_of("test")[:, 1], np.arange(SPLITS["test"]) != 2
    for how, carried, rows in (
        ("ignore", truth, kept),
        ("negative", truth & kept, slice(None)),
        ("positive", truth | ~kept, slice(None)),
    ):
        each = [
            average_precision_score(carried[rows], arrays[f"{s}/test/logits"][rows, 1])
            for s in SEEDS
        ]
        assert precision[how] == pytest.approx(np.mean(each))


def test_a_tag_of_which_nobody_knows_is_neither_right_nor_wrong(tmp_path):
    found = judged(tmp_path, open_=True)
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    truth, table = truth_of("test"), samples(open_=True).filter(split="test")["unknown"].to_list()
    unknown = np.array([[j in row for j in range(5)] for row in table])
    assert found.details["test"]["unknown_pairs"] == unknown[:, :4].sum() > 3
    for tag in range(4):
        kept = ~unknown[:, tag]
        each = [
            average_precision_score(truth[kept, tag], arrays[f"{s}/test/logits"][kept, tag])
            for s in SEEDS
        ]
        row = found.average_precision.filter(category=tag, split="test", metric=MAP)
        assert row["value"].item() == pytest.approx(np.mean(each))
    each = []
    for s in SEEDS:
        decided = (arrays[f"{s}/test/logits"] > 0) & ~unknown
        right = (decided & truth)[:, :4].sum()
        each.append(2 * right / (decided[:, :4].sum() + truth[:, :4].sum()))
    assert found.details["test"]["overall_pr_f1_all"] == pytest.approx(np.mean(each))
    first = [
        max((s for s in range(5) if not unknown[row, s]), key=lambda s: logits[s])
        for row, logits in enumerate(arrays[f"{SEEDS[0]}/test/logits"])
    ]
    some = truth.any(1)
    assert found.predictions["predicted"].to_list() == [
        NAMES[tag] for tag, carries in zip(first, some, strict=True) if carries
    ]
    assert not [name for name in judged(tmp_path).details["test"] if name == "unknown_pairs"]


def test_images_without_a_tag_have_no_line_among_the_predictions(tmp_path):
    found = judged(tmp_path)
    assert found.predictions.height == truth_of("test").any(1).sum()
    assert found.predictions.height < SPLITS["test"]


def test_zero_shot_scores_are_judged_in_views_beside_the_splits(tmp_path):
    usual, found = judged(tmp_path), judged(tmp_path, zsl=True)
    views = ["test", "test@zsl", "test@gzsl", "val", "val@zsl", "val@gzsl"]
    assert sorted(found.details) == sorted([*views, "seeds", "images_encoded", "leaks"])
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    unseen, everything = truth_of("test")[:, 4], truth_of("test")
    for view, expected in (
        ("test@zsl",
         [average_precision_score(unseen, arrays[f"{s}/test/zsl"][:, 0]) for s in SEEDS]),
        ("test@gzsl",
         [average_precision_score(everything, arrays[f"{s}/test/logits"]) for s in SEEDS]),
    ):  # fmt: skip
        assert found.details[view]["map_noninterpolated"] == pytest.approx(np.mean(expected))
        for table in (found.per_category, found.average_precision, found.per_image):
            assert set(table["split"]) == set(views)
        assert f"{view}/map_noninterpolated" in found.draws
    assert found.average_precision.filter(split="test@zsl", metric=MAP)["name"].to_list() == [
        "guitar"
    ]
    together = found.details["test@gzsl"]
    assert together["map_seen"] == pytest.approx(found.details["test"]["map_noninterpolated"])
    in_call = [average_precision_score(unseen, arrays[f"{s}/test/logits"][:, 4]) for s in SEEDS]
    assert together["map_unseen"] == pytest.approx(np.mean(in_call))
    assert "map_unseen" not in found.details["test"]
    for split in ("test", "val"):  # what was judged before is judged as before
        assert found.details[split] == usual.details[split]
    assert found.predictions.equals(usual.predictions)


@pytest.mark.parametrize("zsl", [False, True])
def test_artifacts_keep_their_contracts_and_their_bytes(tmp_path, zsl):
    for folder in ("one", "two"):
        found = judged(tmp_path, zsl=zsl)
        canonical(found.details)
        parts = {field.name: getattr(found, field.name) for field in fields(found)}
        parts["measures"] = [measure.stored for measure in found.measures]
        write_evaluation(tmp_path / folder, **parts)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    draws, _ = DRAWS.read(tmp_path / "one" / "draws.safetensors")
    assert draws.keys() == judged(tmp_path, zsl=zsl).draws.keys()


def emptied(frame, split, kept=()):
    """Take the tags of a split away, but for some."""
    lists = [
        tags if name != split else [tag for tag in tags if tag in kept]
        for name, tags in frame.select("split", "tags").iter_rows()
    ]
    return frame.with_columns(tags=pl.Series(lists, dtype=frame.schema["tags"]))


@pytest.mark.parametrize(
    ("kept", "remedy"), [((), "disable runs that predict tags"), ((4,), "judged: all, as some")]
)
def test_a_test_split_without_a_judged_tag_is_refused(tmp_path, monkeypatch, kept, remedy):
    table = emptied(samples(), "test", kept)
    monkeypatch.setattr("tests.steps.evaluate.test_judging_of_tags.samples", lambda **_: table)
    with pytest.raises(InputError, match=f"'test': none of its 40 images .* 4 tags .*{remedy}"):
        judged(tmp_path)


def test_another_split_without_a_tag_is_left_out_and_changes_nothing_else(tmp_path, monkeypatch):
    usual, table = judged(tmp_path), emptied(samples(), "val")
    monkeypatch.setattr("tests.steps.evaluate.test_judging_of_tags.samples", lambda **_: table)
    found = judged(tmp_path)
    assert usual.details.keys() - found.details.keys() == {"val"}
    assert set(found.per_image["split"]) == set(found.average_precision["split"]) == {"test"}


def test_a_split_of_one_image_is_judged(tmp_path, monkeypatch):
    table = samples()
    first = table.filter(split="test").filter(pl.col("tags").list.contains(0))[:1]
    table = pl.concat([table.filter(pl.col("split") != "test"), first]).sort("sample_id")
    monkeypatch.setattr("tests.steps.evaluate.test_judging_of_tags.samples", lambda **_: table)
    found = judged(tmp_path)
    metrics = found.details["test"]
    assert metrics["map_noninterpolated"] == metrics["map_noninterpolated_low"] == 1.0
    assert found.embedding.height == 1


def test_where_every_cutoff_lies_beyond_the_tags_a_run_is_judged_all_the_same(tmp_path):
    found = judged(tmp_path, top_k=[5, 9]).details["test"]
    assert 0 < found["per_image_pr_f1_1"] < 1
    assert "per_image_pr_f1_5" not in found
