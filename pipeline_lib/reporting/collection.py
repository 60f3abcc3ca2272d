"""The ingested data set: its tables, and small pictures of its images."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import CATEGORIES, REJECTED, SAMPLES
from pipeline_lib.datasets.images import Images
from pipeline_lib.targets import Target

SIDE = 80  # pixels; larger pictures are reduced to fit
LOSSLESS_SIDE = 40  # pixels; up to here, PNG: the page magnifies such pictures, and JPEG's blocks
JPEG_QUALITY = 80


@dataclass(frozen=True)
class Picture:
    """An image in the page."""

    uri: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Collection(Labelled):
    """The data set as it was ingested; rows are those of the sample table."""

    rejected: pl.DataFrame
    images: Images
    accounting: dict[str, Any]  # the sums of all that the data set holds (datasets/accounting.py)

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

    def pictures(self, rows: Iterable[int], target: Target = "classes") -> list[Picture]:
        """Return small pictures with their labels."""
        chosen = [int(row) for row in rows]
        ids = self.samples["sample_id"]
        return [
            Picture(data_uri(pixels), f"{ids[row]}: {self.label(row, target)}")
            for row, pixels in zip(chosen, self.images.pixels(chosen), strict=True)
        ]


def data_uri(pixels: np.ndarray, side: int = SIDE) -> str:
    """Encode RGB pixels (height, width, 3) uint8 as a small picture without metadata."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    stream = BytesIO()
    if max(image.size) <= LOSSLESS_SIDE:
        kind = "png"
        image.save(stream, "PNG", optimize=True)
    else:
        kind = "jpeg"
        image.save(stream, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    return f"data:image/{kind};base64,{base64.b64encode(stream.getvalue()).decode()}"
