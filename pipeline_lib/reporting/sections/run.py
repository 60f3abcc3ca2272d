"""One section per run: how it learned, and what it takes for what."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.evaluation.class_tables import confusion_matrix
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.figures.curves import Chart, charts
from pipeline_lib.reporting.figures.heat import Heat, Pair, confusion, strongest
from pipeline_lib.reporting.figures.plane import Group, plane
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.pictures import Picture
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.identity import Identity, identity

MISTAKES = 6  # pairs of classes shown in pictures
TAKEN, RIGHT = 4, 3  # pictures of a mistake, and of images that carry the mistaken class


@dataclass(frozen=True)
class Judged:
    """One evaluation split."""

    split: str
    categories: list[dict[str, Any]]  # rows of the per-category table
    confusion: Heat


@dataclass(frozen=True)
class Mistake:
    """Test images of one class that were taken for another."""

    true: str
    predicted: str
    classes: tuple[int, int]  # the same by index
    share: float  # of the images of the true class, over all seeds
    first: int  # such images by the first seed, of which some are shown
    taken: list[Picture]
    right: list[Picture]  # rightly taken for ``predicted``, which they carry


@dataclass(frozen=True)
class RunSection:
    """The section."""

    run: Run
    identity: Identity
    title: str
    paper: str
    charts: list[Chart]
    judged: list[Judged]
    groups: list[Group]
    mistakes: list[Mistake]
    multi_label: bool


@dataclass(frozen=True)
class _Seen:
    """The test images and what one seed took them for."""

    rows: np.ndarray  # of the sample table, (images,)
    truth: np.ndarray  # multi-hot (images, classes)
    predicted: np.ndarray  # (images,)

    @property
    def right(self) -> np.ndarray:
        """Whether an image carries the class it was taken for."""
        right: np.ndarray = self.truth[np.arange(len(self.rows)), self.predicted]
        return right


def run_section(run: Run, runs: Iterable[Run], collection: Collection) -> RunSection:
    """Show one of all ``runs``."""
    method = METHODS[run.header["method"]]
    rows = collection.rows(TEST)
    truth = collection.targets("classes", rows)
    seen = [_Seen(rows, truth, predicted) for predicted in run.predicted]
    return RunSection(
        run=run,
        identity=identity(run, runs),
        title=method.title,
        paper=method.paper,
        charts=charts(run.history),
        judged=[_judged(run, split, collection.class_names) for split in run.splits],
        groups=_groups(run, collection, seen[0]),
        mistakes=_mistakes(collection, seen),
        multi_label=collection.multi_label,
    )


def _judged(run: Run, split: str, names: list[str]) -> Judged:
    categories = run.per_category.filter(pl.col("split") == split).sort("category")
    counts = run.counts(split, len(names))
    return Judged(split, list(categories.iter_rows(named=True)), confusion(counts, names))


def _groups(run: Run, collection: Collection, seen: _Seen) -> list[Group]:
    """Draw the embedded test images; of several classes, the first one colours an image."""
    place = {name: i for i, name in enumerate(collection.samples["sample_id"][seen.rows])}
    shown = [place[name] for name in run.embedding["sample_id"]]
    return plane(
        run.embedding.select("x", "y").to_numpy(),
        seen.truth[shown].argmax(1).tolist(),
        collection.class_names,
        [_title(collection, seen, i) for i in shown],
        (~seen.right[shown]).tolist(),
    )


def _title(collection: Collection, seen: _Seen, i: int) -> str:
    row = int(seen.rows[i])
    title = f"{collection.samples['sample_id'][row]}: {collection.label(row)}"
    return title if seen.right[i] else f"{title} → {collection.class_names[seen.predicted[i]]}"


def _mistakes(collection: Collection, seen: list[_Seen]) -> list[Mistake]:
    """Rank wrong guesses; in the confusion table, right ones of multi-label images lie beside."""
    counts = sum(confusion_matrix(s.predicted[None, ~s.right], s.truth[~s.right]) for s in seen)
    images = seen[0].truth.sum(0) * len(seen)
    pairs = strongest(np.asarray(counts), MISTAKES, symmetric=False)
    return [_mistake(p, p.count / images[p.first], collection, seen[0]) for p in pairs]


def _mistake(pair: Pair, share: float, collection: Collection, seen: _Seen) -> Mistake:
    chosen = seen.predicted == pair.second
    taken = chosen & ~seen.right & seen.truth[:, pair.first]
    return Mistake(
        true=collection.class_names[pair.first],
        predicted=collection.class_names[pair.second],
        classes=(pair.first, pair.second),
        share=float(share),
        first=int(taken.sum()),
        taken=collection.pictures(seen.rows[taken][:TAKEN]),
        right=collection.pictures(seen.rows[chosen & seen.right][:RIGHT]),
    )


def _build(material: Material, run: Run) -> RunSection:
    return run_section(run, material.runs, material.collection)


SECTION = Section("run", "Run", 40, _build, per="run", targets=("classes",))
