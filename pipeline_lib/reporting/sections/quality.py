"""Section "Quality": what may be wrong with the data, in pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.quality import (
    CONTRADICTIONS,
    CONTRADICTIONS_FILE,
    DUPLICATES_FILE,
    NEAR_DUPLICATES,
    OUTLIERS,
    OUTLIERS_FILE,
    SUSPECTS,
    SUSPECTS_FILE,
)
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.pictures import Picture
from pipeline_lib.reporting.section import Section
from pipeline_lib.targets import TARGETS, Target

SHOWN = 24  # of each kind
OUTLIERS_SHOWN = 16
NEIGHBOURS = 5  # pictures beside a suspect


@dataclass(frozen=True)
class Suspect:
    """A label that may be wrong, or a tag that may be missing."""

    picture: Picture
    row: dict[str, Any]  # as SUSPECTS
    neighbours: list[Picture]


@dataclass(frozen=True)
class Suspects:
    """The first suspects of one kind."""

    target: Target
    kind: str
    shown: list[Suspect]
    listed: int  # rows of the table


@dataclass(frozen=True)
class Pair:
    """Two images that are one picture."""

    pictures: list[Picture]
    row: dict[str, Any]  # as NEAR_DUPLICATES


@dataclass(frozen=True)
class Quality:
    """The section."""

    facts: dict[str, Any]  # metrics.json
    suspects: list[Suspects]
    pairs: list[Pair]  # those across splits first, then the most similar ones
    outliers: list[tuple[Picture, dict[str, Any]]]  # with rows as OUTLIERS
    contradictions: list[tuple[Picture, dict[str, Any]]]  # with rows as CONTRADICTIONS


@dataclass(frozen=True)
class _Album:
    """Pictures by the keys of their images."""

    collection: Collection
    rows: dict[str, int]

    def of(self, sample_ids: list[str], target: Target) -> list[Picture]:
        return self.collection.pictures([self.rows[one] for one in sample_ids], target)


def quality(folder: Path, collection: Collection) -> Quality | None:
    """Show what the stage found; None where it did not run."""
    if not (folder / "metrics.json").exists():
        return None
    album = _Album(collection, {one: row for row, one in enumerate(collection.ids)})
    target: Target = "classes" if collection.class_names else "tags"
    pairs = NEAR_DUPLICATES.read(folder / DUPLICATES_FILE).sort(
        "straddles", "similarity", "first", "second", descending=[True, True, False, False]
    )
    against = CONTRADICTIONS.read(folder / CONTRADICTIONS_FILE).sort(
        "strength", "sample_id", "first", "second", descending=[True, False, False, False]
    )
    outliers = OUTLIERS.read(folder / OUTLIERS_FILE).head(OUTLIERS_SHOWN)
    return Quality(
        facts=read_json(folder / "metrics.json"),
        suspects=list(_suspects(SUSPECTS.read(folder / SUSPECTS_FILE), album)),
        pairs=[
            Pair(album.of([row["first"], row["second"]], target), row)
            for row in pairs.head(SHOWN).iter_rows(named=True)
        ],
        outliers=_pictured(outliers, album, target),
        contradictions=_pictured(against.head(SHOWN), album, "tags"),
    )


def _suspects(table: pl.DataFrame, album: _Album) -> Iterator[Suspects]:
    for target in TARGETS:
        for kind in ("wrong", "missing"):
            rows = table.filter(target=target, kind=kind).sort("rank")
            shown = [
                Suspect(picture, row, album.of(row["neighbours"][:NEIGHBOURS], target))
                for picture, row in _pictured(rows.head(SHOWN), album, target)
            ]
            if shown:
                yield Suspects(target, kind, shown, len(rows))


def _pictured(
    rows: pl.DataFrame, album: _Album, target: Target
) -> list[tuple[Picture, dict[str, Any]]]:
    pictures = album.of(rows["sample_id"].to_list(), target)
    return list(zip(pictures, rows.iter_rows(named=True), strict=True))


def _build(material: Material) -> Quality | None:
    return quality(material.one("quality"), material.collection)


SECTION = Section("quality", "Quality of the data", 32, _build, reads=("quality",))
