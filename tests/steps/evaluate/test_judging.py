"""Scores judged end to end."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, top_k_accuracy_score
from threadpoolctl import threadpool_limits

from pipeline_lib.artifacts.evaluation import write_evaluation
from pipeline_lib.artifacts.json_file import canonical
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate, bootstrap
from pipeline_lib.evaluation.judge import estimated
from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.params.evaluation import Evaluation, Tags
from pipeline_lib.steps.evaluate.judging import JudgedRun, judge

NAMES = ["cat", "dog", "eel", "fox"]
SPLITS = {"test": 40, "train": 5, "val": 12}
SEEDS = [7, 2, 5]
TAGS = Tags(
    judged="seen",
    top_k=[2],
    threshold=0.5,
    empty="skip",
    difficult="ignore",
    gzsl_order="seen_first",
)
PARAMS = Evaluation(
    top_k=[1, 2, 9], tags=TAGS, draws=200, seed=3, embedding="pca", embedding_images=10
)


def samples(*, multi: bool = False) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for split, count in SPLITS.items():
        for number in range(count):
            carried = rng.choice(4, 1 + (multi and number % 2), replace=False)
            rows.append((f"{split}-{number:02d}", split, sorted(carried.tolist())))
    ids, splits, classes = zip(*rows, strict=True)
    return pl.DataFrame(
        {
            "sample_id": ids,
            "split": splits,
            "classes": pl.Series(classes, dtype=pl.List(pl.Int32)),
            "tags": pl.Series([[]] * len(ids), dtype=pl.List(pl.Int32)),
            "difficult": pl.Series([None] * len(ids), dtype=pl.List(pl.Int32)),
            "all_tags": pl.Series([None] * len(ids), dtype=pl.List(pl.Int32)),
            "unknown": pl.Series([None] * len(ids), dtype=pl.List(pl.Int32)),
            "captions": pl.Series([None] * len(ids), dtype=pl.List(pl.String)),
            "boxes": pl.Series([None] * len(ids), dtype=SAMPLES.dtypes["boxes"]),
            "width": pl.Series([8] * len(ids), dtype=pl.Int32),
            "height": pl.Series([8] * len(ids), dtype=pl.Int32),
            "sha256": ["0" * 64] * len(ids),
            "path": ids,
            "row": pl.Series([None] * len(ids), dtype=pl.Int64),
        }
    )


def categories() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "kind": ["class"] * 4,
            "index": pl.Series(range(4), dtype=pl.Int32),
            "name": NAMES,
            "seen": [True] * 4,
            "train_count": pl.Series([1] * 4, dtype=pl.Int64),
            "far": pl.Series([None] * 4, dtype=pl.Boolean),
        }
    )


def labelled(table: pl.DataFrame) -> Labelled:
    return Labelled(samples=table, categories=CATEGORIES.check(categories(), Path()))


def truth_of(table: pl.DataFrame, split: str) -> np.ndarray:
    rows = table.filter(pl.col("split") == split)["classes"].to_list()
    return np.array([[j in row for j in range(4)] for row in rows])


def write(path: Path, table: pl.DataFrame, *, noise: float, seeds: list[int]) -> None:
    """Write scores that are the truth with noise."""
    rng = np.random.default_rng(1)
    arrays = {}
    for split in ("test", "val"):
        truth = truth_of(table, split)
        for seed in seeds:
            scores = truth + noise * rng.normal(size=truth.shape)
            arrays[f"{seed}/{split}/logits"] = scores.astype(np.float32)
        features = rng.normal(size=(len(truth), 6)).astype(np.float16)
        arrays[f"{seeds[0]}/{split}/features"] = features
    SCORES.write(
        path,
        arrays,
        run="mine",
        method="base",
        seeds=seeds,
        splits=["test", "val"],
        leaks=["classify: paper"],
        facts=[{}] * len(seeds),
        images_encoded=[10.0, 20.0, 60.0][: len(seeds)],
    )


def judged(
    folder: Path,
    *,
    multi: bool = False,
    noise: float = 0.5,
    seeds: list[int] = SEEDS,
    **changes: Any,
) -> JudgedRun:
    table = SAMPLES.check(samples(multi=multi), folder)
    write(folder / "scores.st", table, noise=noise, seeds=seeds)
    params = PARAMS.model_copy(update=changes)
    with threadpool_limits(limits=1):
        return judge(folder / "scores.st", labelled(table), params, "classes")


def test_accuracy_is_scikit_learns_mean_over_seeds(tmp_path):
    found = judged(tmp_path)
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    for split in ("test", "val"):
        truth = truth_of(samples(), split).argmax(1)
        for k in (1, 2):
            each = [
                top_k_accuracy_score(truth, arrays[f"{s}/{split}/logits"], k=k, labels=range(4))
                for s in SEEDS
            ]
            name = f"top_k_accuracy_{k}"
            assert found.details[split][name] == pytest.approx(np.mean(each))
            assert found.details[split][f"{name}_seed_std"] == pytest.approx(np.std(each, ddof=1))
    for split, chosen in (("test", True), ("val", False)):
        assert found.details[split].keys() == {
            f"{measure.name}{suffix}"
            for measure in measures("classes", [1, 2], chosen=chosen)
            for suffix in ("", "_low", "_high", "_seed_std")
        }


def test_intervals_are_those_of_the_bootstrap_over_images(tmp_path):
    found = judged(tmp_path)
    hits = found.per_image.filter(split="test", metric="top_k_accuracy_1").sort("sample_id")
    draws = bootstrap(hits["value"].to_numpy()[:, None], draws=200, seed=3)
    expected = Estimate.of(draws[:, 0])
    metrics = found.details["test"]
    assert metrics["top_k_accuracy_1"] == pytest.approx(expected.value)
    assert metrics["top_k_accuracy_1_low"] == pytest.approx(expected.low)
    assert metrics["top_k_accuracy_1_high"] == pytest.approx(expected.high)


def test_a_run_is_described_beside_its_metrics(tmp_path):
    metrics = judged(tmp_path).details
    assert metrics.keys() == {"test", "val", "seeds", "images_encoded", "leaks"}
    assert (metrics["seeds"], metrics["images_encoded"], metrics["leaks"]) == (3, 30.0, 1)


def test_one_seed_alone_does_not_differ(tmp_path):
    found = judged(tmp_path, seeds=[4])
    assert found.details["test"]["top_k_accuracy_1_seed_std"] == 0.0


def test_values_of_images_average_to_the_metrics(tmp_path):
    found = judged(tmp_path, multi=True)
    for split in ("test", "val"):
        means = found.per_image.filter(split=split).group_by("metric").agg(pl.col("value").mean())
        assert len(means) == 6
        for metric, mean in means.iter_rows():
            assert found.details[split][metric] == pytest.approx(mean)


def test_tables_are_scikit_learns(tmp_path):
    found = judged(tmp_path)
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    for split in ("test", "val"):
        truth = np.tile(truth_of(samples(), split).argmax(1), 3)
        first = np.concatenate([arrays[f"{s}/{split}/logits"].argmax(1) for s in SEEDS])
        expected = confusion_matrix(truth, first, labels=range(4))
        counts = np.zeros((4, 4), int)
        for _, true, predicted, count in found.confusion.filter(split=split).iter_rows():
            counts[true, predicted] = count
        np.testing.assert_array_equal(counts, expected)
        precision, recall, f1, support = precision_recall_fscore_support(
            truth, first, labels=range(4), zero_division=0
        )
        table = found.per_category.filter(split=split).sort("category")
        assert table["name"].to_list() == NAMES
        assert (table["images"] * 3).to_list() == support.tolist()
        for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
            assert table[name].to_list() == pytest.approx(values.tolist())


def test_predictions_are_the_first_seeds_on_the_test_split(tmp_path):
    found = judged(tmp_path)
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    first = arrays[f"{SEEDS[0]}/test/logits"].argmax(1)
    truth = truth_of(samples(), "test").argmax(1)
    assert found.predictions["predicted"].to_list() == [NAMES[j] for j in first]
    assert found.predictions["actual"].to_list() == [NAMES[j] for j in truth]


def test_the_picture_shows_test_images_at_even_steps(tmp_path):
    found = judged(tmp_path)
    assert found.embedding["sample_id"].to_list() == [
        f"test-{i:02d}" for i in (0, 4, 9, 13, 17, 22, 26, 30, 35, 39)
    ]
    assert np.isfinite(found.embedding["x"].to_numpy()).all()
    assert judged(tmp_path, embedding_images=99).embedding.height == SPLITS["test"]


def test_perfect_scores_are_perfect(tmp_path):
    found = judged(tmp_path, noise=0.0)
    for split in ("test", "val"):
        for bound in ("", "_low", "_high"):
            assert found.details[split][f"top_k_accuracy_1{bound}"] == 1.0
    assert (found.confusion["true"] == found.confusion["predicted"]).all()
    assert (found.per_category.filter(pl.col("images") > 0)["f1"] == 1.0).all()


@pytest.mark.parametrize("embedding", ["tsne", "pca"])
@pytest.mark.parametrize("multi", [False, True])
def test_artifacts_keep_their_contracts_and_their_bytes(tmp_path, multi, embedding):
    for folder in ("one", "two"):
        found = judged(tmp_path, multi=multi, embedding=embedding)
        canonical(found.details)  # finite numbers only
        parts = {field.name: getattr(found, field.name) for field in fields(found)}
        parts["measures"] = [measure.stored for measure in found.measures]
        write_evaluation(tmp_path / folder, **parts)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 12
    for name in names:
        one, two = (tmp_path / folder / name for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_what_belongs_to_tags_is_empty(tmp_path):
    assert judged(tmp_path).average_precision.is_empty()


def test_metrics_are_read_from_the_draws(tmp_path):
    found = judged(tmp_path)
    by_name = {measure.name: measure for measure in found.measures}
    for name, draws in found.draws.items():
        split, _, metric = name.partition("/")
        estimate, flat = estimated(by_name[metric], draws), found.details[split]
        assert (flat[metric], flat[f"{metric}_low"]) == (estimate.value, estimate.low)
        assert len(draws) == 201


def test_scores_of_other_images_are_refused(tmp_path):
    table = samples()
    write(tmp_path / "scores.st", table, noise=0.5, seeds=SEEDS)
    fewer = table.filter(pl.col("sample_id") != "test-03")
    with pytest.raises(
        InputError, match=r"scores of shape \(40, 4\) for labels of shape \(39, 4\)"
    ):
        judge(tmp_path / "scores.st", labelled(fewer), PARAMS, "classes")


def test_the_first_cutoff_that_is_usable_sums_a_run_up(tmp_path):
    usual = judged(tmp_path)
    assert judged(tmp_path, top_k=[9, 1]).metrics == pytest.approx(usual.metrics)
    assert judged(tmp_path, top_k=[9, 10]).metrics == pytest.approx(usual.metrics)
