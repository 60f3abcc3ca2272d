"""Section "Data": pictures of every class, how often classes and tags occur, what was rejected."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.pictures import Picture
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.bars import Bar, bars
from pipeline_lib.targets import Target

SHEETS = (TRAIN, "test_shift")
MOST_TAGS = 60  # listed, the most frequent ones
EXAMPLES = 3  # of every reason for a rejection


@dataclass(frozen=True)
class Sheet:
    """A contact sheet: one row of pictures per class."""

    split: str
    rows: list[tuple[str, list[Picture]]]  # by class
    left_out: int  # classes beyond report.sheet_classes


@dataclass(frozen=True)
class Frequency:
    """How often one class or tag occurs in each split."""

    name: str
    seen: bool
    bars: list[Bar]  # one per split


@dataclass(frozen=True)
class Frequencies:
    """The classes or the tags."""

    rows: list[Frequency]
    left_out: int


@dataclass(frozen=True)
class Reason:
    """Why items were rejected."""

    text: str
    count: int
    examples: list[tuple[str, str]]  # item and detail


@dataclass(frozen=True)
class Held:
    """What became of all that the data set holds: all = used + rejected + ignored."""

    used: int
    rejected: int
    ignored: int
    reasons: list[tuple[str, int]]  # of what is ignored, the most frequent first

    @property
    def all(self) -> int:
        """Images, and files that are none."""
        return self.used + self.rejected + self.ignored


@dataclass(frozen=True)
class Listed:
    """How many entries a column of lists has."""

    count: int
    images: int  # with one at least


@dataclass(frozen=True)
class Data:
    """The section."""

    sheets: list[Sheet]
    classes: Frequencies
    tags: Frequencies
    captions: Listed
    unknown: Listed  # tags, of which nobody knows whether the image shows them
    noted: list[str]  # how labels were read, where that is not as usual
    held: Held
    rejected: list[Reason]  # also of what lost a part, such as a box


def data(collection: Collection, params: Report) -> Data:
    """Show the data set."""
    tags = sorted(_frequencies(collection, "tags"), key=lambda f: -sum(b.count for b in f.bars))
    return Data(
        sheets=[_sheet(collection, s, params) for s in SHEETS if s in collection.split_sizes],
        classes=Frequencies(_frequencies(collection, "classes"), 0),
        tags=Frequencies(tags[:MOST_TAGS], max(0, len(tags) - MOST_TAGS)),
        captions=_listed(collection.samples["captions"]),
        unknown=_listed(collection.samples["unknown"]),
        noted=list(collection.accounting["remarks"]["of_reader"]),
        held=_held(collection),
        rejected=_reasons(collection.rejected),
    )


def _held(collection: Collection) -> Held:
    sums = collection.accounting
    used, rejected, ignored = (sum(sums[key].values()) for key in ("used", "rejected", "ignored"))
    reasons = sorted(sums["ignored"].items(), key=lambda entry: (-entry[1], entry[0]))
    return Held(used, rejected, ignored, reasons)


def _listed(column: pl.Series) -> Listed:
    lengths = column.list.len().fill_null(0)
    return Listed(int(lengths.sum()), int((lengths > 0).sum()))


def _sheet(collection: Collection, split: str, params: Report) -> Sheet:
    rows = collection.rows(split)
    carried = collection.targets("classes", rows)
    shown = collection.class_names[: params.sheet_classes]
    pictures = []
    for index, name in enumerate(shown):
        members = rows[carried[:, index]]
        chosen = members[spread_choice(len(members), params.sheet_columns)] if len(members) else []
        pictures.append((name, collection.pictures(chosen)))
    return Sheet(split, pictures, len(collection.class_names) - len(shown))


def _frequencies(collection: Collection, target: Target) -> list[Frequency]:
    """Count the classes or the tags in every split; bars compare within a split."""
    categories = collection.of(target)
    by_split = [
        bars([split] * len(categories), _counts(collection, target, split, len(categories)))
        for split in collection.split_sizes
    ]
    return [
        Frequency(category["name"], category["seen"], [column[i] for column in by_split])
        for i, category in enumerate(categories.iter_rows(named=True))
    ]


def _counts(collection: Collection, target: Target, split: str, categories: int) -> list[int]:
    here = collection.samples.filter(pl.col("split") == split)
    carried = here[target].explode().drop_nulls().to_numpy()
    counts: list[int] = np.bincount(carried, minlength=categories).tolist()
    return counts


def _reasons(rejected: pl.DataFrame) -> list[Reason]:
    """Group by reason, the most frequent first."""
    groups = [
        Reason(str(reason), len(items), items.select("item", "detail").head(EXAMPLES).rows())
        for (reason,), items in rejected.sort("reason", "item").group_by(
            "reason", maintain_order=True
        )
    ]
    return sorted(groups, key=lambda group: -group.count)


def _build(material: Material) -> Data:
    return data(material.collection, material.report)


SECTION = Section("data", "Data", 30, _build)
