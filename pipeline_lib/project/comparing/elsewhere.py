"""Judge predictions that were made elsewhere as `evaluate` judges those of runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.labelled import Labelled, read_labelled
from pipeline_lib.artifacts.samples import VAL
from pipeline_lib.artifacts.thresholds import Thresholds
from pipeline_lib.datasets.label_names import some
from pipeline_lib.errors import InputError
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.nearest import nearest
from pipeline_lib.project.comparing.pair import CATEGORIES, SAMPLES
from pipeline_lib.project.comparing.predictions import (
    Kind,
    Predictions,
    columns_of,
    found_names,
    read_predictions,
)
from pipeline_lib.reporting.outcome import Outcome
from pipeline_lib.steps.evaluate.choosing import choose
from pipeline_lib.steps.evaluate.judging import judge_views, judged_labels
from pipeline_lib.steps.evaluate.scored import Scored, testable
from pipeline_lib.steps.evaluate.tables import by_image, flat
from pipeline_lib.targets import TARGETS, Target


@dataclass(frozen=True)
class Elsewhere:
    """A table of predictions, and how it was judged."""

    predictions: Predictions
    outcome: Outcome
    chosen: Thresholds  # on its rows of val, if it has all of them


def judge_table(
    root: Path,
    path: Path,
    split: str,
    *,
    target: Target | None = None,
    id_column: str = "",
    kind: Kind | None = None,
) -> Elsewhere:
    """Judge a table on a split of the data set of a checkout, by its section `evaluation`.

    Args:
        root: the checkout.
        path: the table (project/comparing/predictions.py).
        split: whose images it is judged on.
        target: what it predicts; None is what its columns are named after.
        id_column: which column holds the ids of the images.
        kind: whether it holds scores or probabilities.

    Raises:
        InputError: the table does not fit the split; or no metric is defined there.
    """
    params = Evaluation.load("evaluation", root / "params.yaml")
    table = read_labelled(root / SAMPLES, root / CATEGORIES)
    if split not in table.evaluation_splits:
        raise InputError(
            f"--against {split}: the data set has no such split to judge on"
            f"{nearest(split, table.evaluation_splits)}"
        )
    target = target or _target(path, table)
    kinds, rows = table.predicted(target), table.rows(split)
    judged = judged_labels(kinds, params, target)
    val = table.rows(VAL) if split != VAL else np.zeros(0, np.int64)
    found = read_predictions(
        path,
        table.ids_of(rows),
        set(table.ids),
        table.names(target),
        more=table.ids_of(val),
        exclusive=target == "classes" and one_class_each(table),
        id_column=id_column,
        kind=kind,
    )
    _refuse_missing(path, found, kinds, judged)
    every = [_scored(found.scores[: len(rows)], found.names, table, kinds, split, target)]
    if found.more and len(val):
        every.append(_scored(found.scores[len(rows) :], found.names, table, kinds, VAL, target))
    splits = list(testable(every[:1], judged, target))
    if not splits:
        raise InputError(f"split '{split}': none of its images carries one of the judged {target}")
    chosen = choose(every, {"run": path.name, "seeds": [0]}, table, params, target)
    return Elsewhere(found, _outcome(path, splits, kinds, params, chosen), chosen)


def _outcome(
    path: Path, splits: list[Scored], kinds: pl.DataFrame, params: Evaluation, chosen: Thresholds
) -> Outcome:
    views = judge_views(splits, kinds, params, chosen)
    judged = {of.view.scored.name: of.judged for of in views}
    draws = {f"{view}/{m.name}": d for view, j in judged.items() for m, d in j.draws.items()}
    metrics: dict[str, Any] = {of.view.scored.name: flat(of.view, of.judged) for of in views}
    return Outcome(
        name=path.name,
        target=chosen.target,
        header={"splits": [split.name for split in splits]},
        measures=list(dict.fromkeys(m for found in judged.values() for m in found.draws)),
        metrics=metrics | {"seeds": 1},
        per_image=pl.concat(by_image(of.view.scored, of.judged) for of in views),
        draws=draws,
    )


def one_class_each(table: Labelled) -> bool:
    """Say whether training images are of one class each, so that scores are read by a softmax."""
    return bool((table.targets("classes", table.train).sum(1) == 1).all())


def _target(path: Path, table: Labelled) -> Target:
    """Return what most columns are named after.

    Raises:
        InputError: it cannot be told.
    """
    columns = columns_of(path)
    held: dict[Target, float] = {
        target: len(found_names(columns, names)[1]) / len(names)
        for target in TARGETS
        if (names := table.names(target))
    }
    best = max(held.values(), default=0)
    likely = [target for target, share in held.items() if share == best]
    if not best or len(likely) > 1:
        known = ", ".join(f"{target}: {some(table.names(target))}" for target in held)
        raise InputError(
            f"{path}: its columns name {'both classes and tags' if best else 'no class and no tag'}"
            f", expected a column for each of one of them ({known}); say --target where it is plain"
        )
    return likely[0]


def _refuse_missing(
    path: Path, found: Predictions, kinds: pl.DataFrame, judged: np.ndarray
) -> None:
    """Do nothing where the table has what is judged, and of the others all or none."""
    have = set(found.names)
    needed = kinds.filter(pl.col("index").is_in(judged.tolist()))["name"].to_list()
    others = [name for name in kinds["name"] if name not in set(needed)]
    wanted = needed + (others if have & set(others) else [])
    lost = [name for name in wanted if name not in have]
    if lost:
        raise InputError(
            f"{path}: {len(lost)} of {len(wanted)} columns are missing, such as {some(lost)}, "
            f"expected one for every name of data/artifacts/ingest/categories.parquet"
            f"{nearest(lost[0], found.unread)}"
        )


def _scored(
    found: np.ndarray,
    have: list[str],
    table: Labelled,
    kinds: pl.DataFrame,
    split: str,
    target: Target,
) -> Scored:
    """Put the scores in the order of the names; those of unseen tags are judged alone as well."""
    rows, names = table.rows(split), kinds["name"].to_list()
    scores = np.full((1, len(rows), len(names)), np.nan)  # of what is not judged
    scores[0][:, [names.index(name) for name in have]] = found
    unseen = kinds.filter(~pl.col("seen"))["index"].to_numpy()
    whole = len(unseen) and np.isfinite(scores[:, :, unseen]).all()
    return Scored(
        name=split,
        ids=table.ids_of(rows),
        truth=table.targets(target, rows),
        difficult=table.difficult(target, rows),
        unknown=table.unknown(target, rows),
        scores=[*scores],
        zsl=[*scores[:, :, unseen]] if whole else None,
    )
