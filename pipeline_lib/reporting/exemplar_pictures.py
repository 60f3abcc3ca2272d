"""Prototypes in pictures, and what the regions of images were matched with."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.exemplars import GRAPHS, PROTOTYPES, VSE
from pipeline_lib.artifacts.shards import Reader
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.members import CLASSES, Strip
from pipeline_lib.reporting.region_pictures import Located
from pipeline_lib.targets import Target


@dataclass(frozen=True)
class Matched:
    """The hierarchy of exemplars and every image's matches."""

    located: Located
    reader: Reader
    prototypes: pl.DataFrame
    counts: np.ndarray  # (prototypes, classes)

    @classmethod
    def read(cls, exemplars: Path, located: Located | None) -> "Matched | None":
        """Open what ``exemplars`` wrote, if a run needed it.

        Raises:
            InputError: it is damaged.
        """
        if located is None or not (exemplars / "index.parquet").exists():
            return None
        arrays, _ = VSE.read(exemplars / "exemplars.safetensors")
        return cls(
            located=located,
            reader=GRAPHS.open(exemplars, located.collection.ids),
            prototypes=PROTOTYPES.read(exemplars / "prototypes.parquet"),
            counts=arrays["counts"],
        )

    @classmethod
    def of(cls, material: Material, target: Target) -> "Matched | None":
        """Open what was matched for a target."""
        folder, located = material.at("exemplars", target), Located.of(material, target)
        return material.once((cls, target), lambda: cls.read(folder, located))

    @cached_property
    def _rows(self) -> dict[str, int]:
        ids = self.located.collection.samples["sample_id"]
        return {name: row for row, name in enumerate(ids)}

    def strip(self, prototype: int, members: int) -> Strip:
        """Show a prototype by the members nearest to it, nearest first."""
        found = self.prototypes.row(prototype, named=True)
        shares = self.counts[prototype] / found["size"]
        order = (-shares).argsort(kind="stable")[:CLASSES]
        names = self.located.collection.class_names
        classes = [(names[i], float(shares[i])) for i in order if shares[i] > 0]
        crops = self.located.crops(self.members(prototype, members))
        return Strip(prototype, found["size"], classes, crops)

    def members(self, prototype: int, count: int) -> list[tuple[int, int]]:
        """Return the members nearest to a prototype, nearest first: rows of images, and regions."""
        nearest = self.prototypes["members"][prototype].to_list()[:count]
        return [(self._rows[member["sample_id"]], member["region"]) for member in nearest]
