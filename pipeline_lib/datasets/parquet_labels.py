"""One pass over the labels of every file: what they are called, and what the boxes speak of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline_lib.datasets.box_columns import BoxColumns, in_pixels
from pipeline_lib.datasets.boxes import exceeds
from pipeline_lib.datasets.column_types import check_text, is_single_number
from pipeline_lib.datasets.columns import AUTO, ColumnNames
from pipeline_lib.datasets.dataset_card import Card
from pipeline_lib.datasets.hugging_face import class_names
from pipeline_lib.datasets.label_names import Naming, Raw, doubled, labels_of
from pipeline_lib.datasets.label_survey import Survey, are_vectors, name_files, separate
from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.parquet_files import Cells, rows
from pipeline_lib.errors import InputError

NAMES = "class_name"  # the column that names an integer class beside it
TAG_DIGITS = 3


@dataclass(frozen=True)
class Labels:
    """What the labels of one file are called."""

    classes: Naming
    tags: Naming
    box_tags: Naming


class _Pass:
    """What the rows of one file hold."""

    def __init__(
        self,
        path: Path,
        schema: pa.Schema,
        names: ColumnNames,
        boxes: BoxColumns | None,
        card: Card,
    ) -> None:
        self.names, self.boxes = names, boxes
        self.classes = _survey(path, schema, card, names.classes)
        self.tags = _survey(path, schema, card, names.tags)
        self.box_tags = _survey(path, schema, card, *(boxes.label() if boxes else ()))
        self.all_boxes = self.exceeding = 0
        self.beside: dict[Raw, str] = {}
        self.names_beside = names_beside(path, schema, names.classes)
        columns = (names.classes, names.tags, self.names_beside)
        wanted = [*(c for c in columns if c), *(boxes.columns() if boxes else ())]
        for cells in rows(path, wanted) if wanted else ():
            if cells is not None:
                self._add(cells)
        self.classes.known = {**self.classes.known, **_distinct(self.beside, path)}

    def _add(self, cells: Cells) -> None:
        if self.names.classes:
            self.classes.add(cells[self.names.classes])
        if self.names.tags:
            self.tags.add(cells[self.names.tags])
        if self.names_beside and cells[self.names_beside]:
            self._learn(cells[self.names.classes or ""], clean(cells[self.names_beside]))
        if self.boxes:
            places, tags = self.boxes.cells(cells)
            self.box_tags.add(tags)
            self.all_boxes += len(places or ())
            self.exceeding += sum(map(exceeds, places or ()))

    def _learn(self, label: Any, name: str) -> None:
        for known in labels_of(label):
            if self.beside.setdefault(known, name) != name:
                raise InputError(
                    f"{self.classes.path}: class {known} is called '{self.beside[known]}' and "
                    f"'{name}' in column '{NAMES}', expected one name; mend it or set "
                    "dataset.columns.classes"
                )


def label_files(
    schemas: Mapping[Path, pa.Schema],
    names: Mapping[Path, ColumnNames],
    boxes: BoxColumns | None,
    card: Card,
    separator: str,
) -> tuple[list[Labels], BoxColumns | None]:
    """Read all labels and name them, and tell boxes in pixels from those in fractions.

    ``separator`` is that of ``dataset.columns``.

    Raises:
        InputError: a file is damaged, its labels lack names, boxes in pixels lack a size, or there
            is nothing to separate.
    """
    passes = [_Pass(path, schema, names[path], boxes, card) for path, schema in schemas.items()]
    if boxes and sum(p.exceeding for p in passes) * 2 > sum(p.all_boxes for p in passes):
        boxes = in_pixels(boxes, schemas)
    texts = separate([p.classes for p in passes], separator, words=False)
    texts |= separate([p.tags for p in passes], separator, words=True)
    if separator != AUTO and not texts:
        raise InputError(
            f"{next(iter(schemas)).parent}: dataset.columns.separator is '{separator}', and no "
            "column of labels holds texts to separate, expected some; set it to auto"
        )
    classes = _name([p.classes for p in passes], stem="class", width=1)
    tags, box_tags = _name_tags([p.tags for p in passes], [p.box_tags for p in passes])
    return [Labels(*three) for three in zip(classes, tags, box_tags, strict=True)], boxes


def _survey(path: Path, schema: pa.Schema, card: Card, *column: str | None) -> Survey:
    """Start with the names that a file has for a column's integers, or else the card."""
    place = [name for name in column if name]
    known = class_names(schema, place, path) or card.names(place) if place else {}
    return Survey(path, ".".join(place), known)


def names_beside(path: Path, schema: pa.Schema, classes: str | None) -> str | None:
    """Return the column that names integer classes, where there is one.

    Raises:
        InputError: it holds no strings.
    """
    if classes in (None, NAMES) or NAMES not in schema.names:
        return None
    if not is_single_number(schema.field(classes).type):
        return None
    check_text(schema.field(NAMES).type, NAMES, path)
    return NAMES


def _distinct(names: dict[Raw, str], path: Path) -> dict[Raw, str]:
    if twice := doubled(names.values()):
        labels = sorted(label for label, name in names.items() if name == twice[0])
        raise InputError(
            f"{path}: classes {labels[0]} and {labels[1]} are both called '{twice[0]}' in column "
            f"'{NAMES}', expected a name for each; mend it, or set dataset.columns.classes to "
            f"{NAMES} to make them one"
        )
    return names


def _name(surveys: Sequence[Survey], *, stem: str, width: int) -> list[Naming]:
    return name_files(surveys, vectors=are_vectors(surveys), stem=stem, width=width)


def _name_tags(
    tags: Sequence[Survey], box_tags: Sequence[Survey]
) -> tuple[list[Naming], list[Naming]]:
    """Name the labels of two columns that hold the same ones: the names of one serve the other."""
    for one, other in zip(tags, box_tags, strict=True):
        one.known, other.known = one.known or other.known, other.known or one.known
    stem = (tags[0].column or box_tags[0].column.rpartition(".")[2]).removesuffix("s")
    return (
        name_files(tags, vectors=are_vectors(tags), others=box_tags, stem=stem, width=TAG_DIGITS),
        name_files(box_tags, vectors=False, others=tags, stem=stem, width=TAG_DIGITS),
    )
