"""One section per run that predicts tags: how it learned, and what it finds and misses."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit

from pipeline_lib.artifacts.evaluation import UNKNOWN_PAIRS
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.evaluation.decisions import above
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.resampled import Truth
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.evaluation import Tags
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.figures.by_category import ByCategory, by_category
from pipeline_lib.reporting.figures.curves import Chart, charts
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.pictures import Picture
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.identity import Identity, identity

FAR = 3.0  # times as many tags found as carried, or as few
HARDEST = 6  # tags shown in pictures
LEAST = 3  # images that carry such a tag
FOUND, MISSED = 6, 3  # pictures of a tag: scored highest, and scored lowest of those that carry it


@dataclass(frozen=True)
class JudgedTags:
    """One evaluation split, or a view of it."""

    split: str
    unknown: int  # pairs of an image and a tag that count neither as present nor as absent
    chart: ByCategory
    measures: list[Measure]  # that are shown tag by tag
    tags: list[dict[str, Any]]  # precision, recall, and those by name; by index


@dataclass(frozen=True)
class Found:
    """A picture that scores high for a tag."""

    picture: Picture
    right: bool


@dataclass(frozen=True)
class Hard:
    """A tag that is found badly."""

    name: str
    precision: float  # AP
    found: list[Found]
    missed: list[Picture]


@dataclass(frozen=True)
class FoundTags:
    """How many tags of a test image exceed the threshold, and how many it carries, on average."""

    found: float
    carried: float

    @property
    def useless(self) -> str:
        """Whether the threshold finds "far too many" tags or "far too few"; "" for neither."""
        if self.found > FAR * self.carried:
            return "far too many"
        return "far too few" if self.found * FAR < self.carried else ""


@dataclass(frozen=True)
class Threshold:
    """Where a tag is decided for: a probability, mean over seeds."""

    probability: float
    own: bool  # or that of all tags


@dataclass(frozen=True)
class TagRunSection:
    """The section."""

    run: Run
    identity: Identity
    title: str
    paper: str
    charts: list[Chart]
    judged: list[JudgedTags]
    found: FoundTags
    at: tuple[float, float] | None  # OF1 at the threshold of params.yaml, and at that of val
    hard: list[Hard]
    thresholds: dict[int, Threshold]  # of tags by index


def tag_run_section(
    run: Run, runs: Iterable[Run], collection: Collection, tags: Tags
) -> TagRunSection:
    """Show one of all ``runs``; ``tags`` says what is decided for and what does not count."""
    method = METHODS[run.header["method"]]
    truth = Truth.read(collection, "tags", collection.rows(TEST), tags.difficult)
    return TagRunSection(
        run=run,
        identity=identity(run, runs),
        title=method.title,
        paper=method.paper,
        charts=charts(run.history),
        judged=[_judged(run, split) for split in run.views],
        found=found_tags(run.scores, truth, tags.threshold),
        at=_at(run),
        hard=_hardest(run, truth, collection),
        thresholds=_thresholds(run),
    )


def _at(run: Run) -> tuple[float, float] | None:
    values = {m.name: estimate.value for m, estimate in run.estimates(TEST).items()}
    chosen = values.get("overall_pr_f1_chosen")
    return None if chosen is None else (values["overall_pr_f1_all"], chosen)


def _thresholds(run: Run) -> dict[int, Threshold]:
    """Return the threshold of each tag; none where none was chosen."""
    each = [expit(choice.logits(by_label=True)) for choice in run.thresholds.seeds.values()]
    means = np.mean(each, axis=0).tolist() if each else []
    pairs = zip(means, run.thresholds.own, strict=False)
    return {tag: Threshold(*pair) for tag, pair in enumerate(pairs)}


def found_tags(scores: np.ndarray, truth: Truth, threshold: float) -> FoundTags:
    """Count tags whose probability exceeds ``threshold``, of logits (images, tags)."""
    found = (above(scores, threshold) & ~truth.ignored).sum(1)
    return FoundTags(float(found.mean()), float(truth.carried.sum(1).mean()))


def _judged(run: Run, split: str) -> JudgedTags:
    tables = run.of_labels(split)
    rows = run.per_category.filter(pl.col("split") == split).sort("category")
    for measure, table in tables.items():
        column = table.select("category", pl.col("value").alias(measure.name))
        rows = rows.join(column, on="category", maintain_order="left")
    chart = by_category({run.name: next(iter(tables.values()))}, {run.name: 0})
    unknown = run.metrics[split].get(UNKNOWN_PAIRS, 0)
    return JudgedTags(split, unknown, chart, list(tables), list(rows.iter_rows(named=True)))


def _hardest(run: Run, truth: Truth, collection: Collection) -> list[Hard]:
    """Show the tags of lowest AP on the test split, of those that enough images carry."""
    rows = collection.rows(TEST)
    table = next(iter(run.of_labels(TEST).values()))
    known = table.filter(pl.col("images") >= LEAST).drop_nulls("value")
    worst = known.sort("value", "category").head(HARDEST)
    hard = []
    for row in worst.iter_rows(named=True):
        tag = row["category"]
        judged = ~truth.ignored[:, tag]
        carried = truth.carried[judged, tag]
        hard.append(_hard(row, rows[judged], run.scores[judged, tag], carried, collection))
    return hard


def _hard(
    row: dict[str, Any],
    rows: np.ndarray,
    scores: np.ndarray,
    carried: np.ndarray,
    collection: Collection,
) -> Hard:
    order = np.argsort(-scores, kind="stable")
    first, last = order[:FOUND], order[carried[order]][::-1][:MISSED]
    pictures = collection.pictures(rows[first], target="tags")
    return Hard(
        name=row["name"],
        precision=row["value"],
        found=[Found(p, bool(carried[i])) for p, i in zip(pictures, first, strict=True)],
        missed=collection.pictures(rows[last], target="tags"),
    )


def _build(material: Material, run: Run) -> TagRunSection:
    return tag_run_section(run, material.runs, material.collection, material.evaluation.tags)


SECTION = Section("tag_run", "Run", 40, _build, per="run", targets=("tags",))
