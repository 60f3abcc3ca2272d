import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.errors import InputError
from pipeline_lib.project.comparing.elsewhere import judge_table
from pipeline_lib.project.comparing.named_run import find
from tests.reporting.conftest import CLASSES, TAGS

INGEST = "data/artifacts/ingest"


def labelled(root):
    return read_labelled(root / INGEST / "samples.parquet", root / INGEST / "categories.parquet")


def stored(judged, run, split="test"):
    """Return ids and the scores of the first seed, as somebody else would have computed them."""
    table = labelled(judged.root)
    arrays, _ = SCORES.read(judged.root / f"data/artifacts/train/{run}/scores.safetensors")
    return table.ids_of(table.rows(split)), arrays[f"0/{split}/logits"].astype(np.float64)


def table_of(judged, run="dlsa", names=TAGS, form="", key="sample_id", change=lambda x: x):
    ids, scores = stored(judged, run)
    columns = {f"{form}{name}": change(scores[:, i]) for i, name in enumerate(names)}
    return pl.DataFrame({key: ids} | columns)


def written(frame, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path)
    return path


def test_scores_of_one_seed_are_judged_as_evaluate_judged_that_seed(judged, tmp_path):
    path = written(table_of(judged), tmp_path / "theirs.parquet")
    found = judge_table(judged.root, path, "test")
    assert (found.predictions.kind, found.predictions.names) == ("scores", TAGS)
    # both seeds of dlsa would average to what evaluate wrote: the mean of the two tables
    other = table_of(judged)
    arrays, _ = SCORES.read(judged.root / "data/artifacts/train/dlsa/scores.safetensors")
    second = arrays["1/test/logits"].astype(np.float64)
    other = other.with_columns(pl.Series(name, second[:, i]) for i, name in enumerate(TAGS))
    again = judge_table(judged.root, written(other, tmp_path / "second.parquet"), "test").outcome
    (ours,) = find(judged.root, ["dlsa"], [])
    for name in ("map_noninterpolated", "category_pr_f1_all", "micro_pr_recall_1"):
        both = [o.metrics["test"][name] for o in (found.outcome, again)]
        assert np.mean(both) == pytest.approx(ours.outcome.metrics["test"][name], abs=1e-12)
        draws = np.mean([o.draws[f"test/{name}"] for o in (found.outcome, again)], axis=0)
        np.testing.assert_allclose(draws, ours.outcome.draws[f"test/{name}"], atol=1e-12)


@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
@pytest.mark.parametrize("form", ["", "probability "])
def test_probabilities_are_judged_as_the_scores_they_are_of(judged, tmp_path, name, form):
    scores = written(table_of(judged), tmp_path / "scores.parquet")
    theirs = written(table_of(judged, form=form, key="id", change=expit), tmp_path / name)
    a, b = (judge_table(judged.root, path, "test") for path in (scores, theirs))
    assert (b.predictions.kind, b.predictions.said) == ("probabilities", form != "")
    assert b.outcome.metrics["test"] == pytest.approx(a.outcome.metrics["test"], abs=1e-12)


def test_classes_and_the_order_of_rows_and_columns_do_not_matter(judged, tmp_path):
    plain = table_of(judged, "base", CLASSES)
    mixed = plain.select(*reversed(plain.columns)).sample(fraction=1, shuffle=True, seed=0)
    mixed = mixed.with_columns(remark=pl.lit("x"))
    found = [
        judge_table(judged.root, written(frame, tmp_path / f"{i}.parquet"), "test")
        for i, frame in enumerate((plain, mixed))
    ]
    assert found[0].outcome.metrics == found[1].outcome.metrics
    assert found[1].predictions.unread == ["remark"]
    assert found[0].outcome.metrics["test"]["top_k_accuracy_1"] == 0.5


def test_certain_probabilities_rank_before_all_others(judged, tmp_path):
    frame = table_of(judged, "base", CLASSES, change=lambda x: np.clip(x / 2, 0, 1))
    found = judge_table(judged.root, written(frame, tmp_path / "a.csv"), "test")
    assert np.isfinite(found.predictions.scores).all()
    assert found.outcome.metrics["test"]["top_k_accuracy_1"] == 0.5


def test_without_columns_of_unseen_tags_there_are_no_zero_shot_views(judged, tmp_path):
    every, seen = (
        judge_table(judged.root, written(table_of(judged, names=names), tmp_path / name), "test")
        for names, name in ((TAGS, "every.parquet"), (TAGS[:2], "seen.parquet"))
    )
    assert every.outcome.views == ["test", "test@zsl", "test@gzsl"]
    assert seen.outcome.views == ["test"]
    assert every.outcome.metrics["test"] == seen.outcome.metrics["test"]


def test_rows_of_other_splits_are_counted_and_not_judged(judged, tmp_path):
    frames = []
    for split in ("test", "val"):
        ids, scores = stored(judged, "dlsa", split)
        frames.append(pl.DataFrame({"sample_id": ids}).hstack(pl.DataFrame(scores, schema=TAGS)))
    path = written(pl.concat(frames), tmp_path / "both.parquet")
    found = judge_table(judged.root, path, "val")
    assert (found.predictions.others, found.outcome.images("val")) == (30, 6)


@pytest.mark.parametrize(("run", "names"), [("dlsa", TAGS), ("base", CLASSES)])
def test_with_rows_of_val_thresholds_and_temperature_are_chosen_as_of_runs(
    judged, tmp_path, run, names
):
    frames = []
    for split in ("test", "val"):
        ids, scores = stored(judged, run, split)
        frames.append(pl.DataFrame({"id": ids}).hstack(pl.DataFrame(scores, schema=names)))
    both = judge_table(judged.root, written(pl.concat(frames), tmp_path / "both.csv"), "test")
    alone = judge_table(judged.root, written(frames[0], tmp_path / "alone.csv"), "test")
    assert (both.predictions.others, both.chosen.refused) == (0, "")
    assert alone.chosen.refused
    (ours,) = find(judged.root, [run], [])
    assert both.outcome.metrics["test"].keys() == ours.outcome.metrics["test"].keys()
    assert alone.outcome.metrics["test"].keys() < both.outcome.metrics["test"].keys()


def test_the_command_compares_with_a_run_on_the_same_images(judged, tmp_path, monkeypatch):
    monkeypatch.chdir(judged.root)
    path = str(written(table_of(judged, "base", CLASSES), tmp_path / "theirs.csv"))
    words = ["evaluate-file", path, "--against", "test", "--run", "rival & son"]
    output = CliRunner().invoke(cli.app, words, catch_exceptions=False).output
    assert "theirs.csv: scores of 3 classes, by their range" in output
    assert "test, 30 images: theirs.csv − rival & son" in output
    assert "−50.0 [" in output
    assert "worse" in output
    alone = CliRunner().invoke(cli.app, ["evaluate-file", path], catch_exceptions=False).output
    assert "50.0 [" in alone
    assert "rival" not in alone
    with pytest.raises(InputError, match="--holds is 'logits', expected scores or probabilities"):
        CliRunner().invoke(cli.app, [*words, "--holds", "logits"], catch_exceptions=False)


def without(frame, row):
    return frame.filter(pl.int_range(pl.len()) != row)


def changed(frame, column, row, value):
    values = frame[column].to_list()
    values[row] = value
    return frame.with_columns(pl.Series(column, values))


FAULTS = {
    "gone": (lambda f: without(f, 3), {}, r"1 of the 30 images .* have no row, such as test-003"),
    "unknown": (
        lambda f: changed(f, "sample_id", 2, "test-0002"),
        {},
        r"1 of 30 ids are no images .* such as test-0002, .*did you mean 'test-002'",
    ),
    "twice": (
        lambda f: pl.concat([f, f[4:5]]),
        {},
        r"id 'test-004' is in rows 4 and 30, expected one row per image",
    ),
    "column": (
        lambda f: f.rename({TAGS[1]: "lamp"}),
        {"target": "tags"},
        rf"1 of 3 columns are missing, such as {TAGS[1]}, .*did you mean 'lamp'|known: lamp",
    ),
    "nan": (
        lambda f: changed(f, TAGS[0], 1, float("nan")),
        {},
        rf"1 values are wrong, first nan in column '{TAGS[0]}' of image 'test-001', .*finite",
    ),
    "null": (lambda f: changed(f, TAGS[0], 1, None), {}, r"1 values are wrong, first nan .*finite"),
    "text": (
        lambda f: f.with_columns(pl.lit("high").alias(TAGS[0])),
        {},
        rf"column '{TAGS[0]}' is String, expected numbers",
    ),
    "range": (
        lambda f: f,
        {"kind": "probabilities"},
        r"values are wrong, first -?\d.* expected probabilities, 0 to 1",
    ),
    "ids": (
        lambda f: f.rename({"sample_id": "image"}),
        {},
        r"has no column 'sample_id or id', expected one with the ids .* name it with --id",
    ),
    "names": (
        lambda f: f.select("sample_id", pl.col(TAGS[0]).alias("x")),
        {},
        r"its columns name no class and no tag, expected a column for each",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_does_not_fit_is_refused(judged, tmp_path, fault):
    change, options, message = FAULTS[fault]
    path = written(change(table_of(judged)), tmp_path / "theirs.parquet")
    with pytest.raises(InputError, match=message):
        judge_table(judged.root, path, "test", **options)


def test_files_and_splits_that_there_are_not_are_refused(judged, tmp_path):
    path = written(table_of(judged), tmp_path / "theirs.parquet")
    with pytest.raises(InputError, match=r"--against tset: .* no such split .*did you mean 'test'"):
        judge_table(judged.root, path, "tset")
    with pytest.raises(InputError, match=r"gone\.csv: no such file, expected predictions"):
        judge_table(judged.root, tmp_path / "gone.csv", "test")
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(
        InputError, match=r"expected predictions as \.parquet or \.csv, found '\.js"
    ):
        judge_table(judged.root, tmp_path / "a.json", "test")
    (tmp_path / "two.csv").write_text("id,a,a\n")
    with pytest.raises(InputError, match=r"two\.csv: two columns have one name"):
        judge_table(judged.root, tmp_path / "two.csv", "test", target="tags")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"cut\.parquet: cannot be read as a table"):
        judge_table(judged.root, tmp_path / "cut.parquet", "test", target="tags")
