"""The ingested data set: its tables, and small pictures of its images."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import CATEGORIES, REJECTED, SAMPLES
from pipeline_lib.datasets.images import THREADS, Images
from pipeline_lib.reporting.beside import Beside
from pipeline_lib.reporting.pictures import SIDE, Picture, encoded
from pipeline_lib.targets import Target

AT_ONCE = 256  # images in memory as they are stored; photographs are large


@dataclass(frozen=True, kw_only=True)
class Collection(Labelled):
    """The data set as it was ingested; rows are those of the sample table."""

    rejected: pl.DataFrame
    images: Images
    accounting: dict[str, Any]  # the sums of all that the data set holds (datasets/accounting.py)
    beside: Beside = field(default_factory=Beside)  # where pictures of it go

    @classmethod
    def read(cls, folder: Path) -> "Collection":
        """Read what ``ingest`` wrote."""
        samples = SAMPLES.read(folder / "samples.parquet")
        return cls(
            samples=samples,
            categories=CATEGORIES.read(folder / "categories.parquet"),
            rejected=REJECTED.read(folder / "rejected.parquet"),
            images=Images(folder / "images.safetensors", samples),
            accounting=read_json(folder / "accounting.json"),
        )

    @cached_property
    def split_sizes(self) -> dict[str, int]:
        """The number of images of every split, in reading order."""
        counts = dict(self.samples["split"].value_counts().iter_rows())
        first = ("train", "val", "test")
        order = sorted(counts, key=lambda s: (first.index(s) if s in first else len(first), s))
        return {split: counts[split] for split in order}

    @cached_property
    def multi_label(self) -> bool:
        """Whether some image carries several classes."""
        return bool((self.samples["classes"].list.len() > 1).any())

    def pictures(
        self, rows: Iterable[int], target: Target = "classes", side: int = SIDE
    ) -> list[Picture]:
        """Put pictures with their labels beside the page, of any number of images.

        Args:
            rows: of the sample table.
            target: whose labels stand in the titles.
            side: pixels of the longer side, at most.
        """
        chosen = [int(row) for row in rows]
        ids, found = self.samples["sample_id"], []
        with ThreadPoolExecutor(THREADS) as pool:  # Pillow lets go of the interpreter
            for start in range(0, len(chosen), AT_ONCE):
                part = chosen[start : start + AT_ONCE]
                small = pool.map(partial(encoded, side=side), self.images.pixels(part))
                for row, picture in zip(part, small, strict=True):
                    title = f"{ids[row]}: {self.label(row, target)}"
                    found.append(picture.shown(self.beside, title, ids[row]))
        return found
