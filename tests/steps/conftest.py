"""A small data set of pictures, ingested as the stage `ingest` does it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.datasets.images import Images, write_images
from pipeline_lib.datasets.location import DATA
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.params.dataset import Columns, Dataset
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest
from tests.datasets.conftest import dataset, encoded  # noqa: F401
from tests.knowledge.categories.conftest import section  # noqa: F401
from tests.knowledge.conftest import labelled, relations  # noqa: F401
from tests.settled import settled

SECTION = {
    "format": "image_folder", "val_share": 0.0, "test_share": 0.0, "max_rejected": 0.0,
    "duplicates": "report", "max_pixels": 10_000, "seed": 0, "tag_matrix": "data/none",
    "captions": {"tags": "none", "names": "data/none", "wordnet": "data/none"},
    "unseen": {"by": "none", "names": "data/none", "wordnet": "data/none"},
    "single_positive": {"enabled": False, "seed": 1200},
    "nuswide": {"vocabulary": "seen_925_unseen_81"},
    "openimages": {"labels": "human", "confidence": 0.5, "unseen": "top_400"},
    "columns": dict.fromkeys(Columns.model_fields, "auto"),
    "scenes": {"train": 1, "val": 1, "test": 1, "test_shift": 1, "size": 32, "seed": 0}
    | {"background_match": 0.5, "difficulty": "none"},
}  # fmt: skip


@dataclass(frozen=True)
class Ingested:
    """The files that `ingest` writes, and how to open them."""

    folder: Path

    @property
    def samples(self) -> pl.DataFrame:
        """Return the table of samples."""
        return SAMPLES.read(self.folder / "samples.parquet")

    @property
    def categories(self) -> pl.DataFrame:
        """Return the table of classes."""
        return CATEGORIES.read(self.folder / "categories.parquet")

    @property
    def images(self) -> Images:
        """Open the images."""
        return Images(self.folder / "images.safetensors", self.samples)


def draw(path: Path, number: int, size: int = 32) -> None:
    """Write a picture of noise; equal numbers give equal pictures."""
    noise = np.random.default_rng(number).integers(0, 256, (size, size, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise).save(path)


@pytest.fixture
def ingested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ingested]:
    """Draw pictures, given by path and number, and ingest all that were drawn so far."""

    def build(pictures: dict[str, int], storage: str = "pixels", name: str = "one") -> Ingested:
        root = tmp_path / "pictures"
        for path, number in pictures.items():
            draw(root / path, number)
        monkeypatch.setenv(DATA, str(root))  # images say nothing of their place
        params = settled(Dataset, SECTION | {"path": str(root), "storage": storage})
        found = ingest(open_reader(params)[1], params, track=silent)
        folder = tmp_path / "ingest" / name
        SAMPLES.write(found.samples, folder / "samples.parquet")
        CATEGORIES.write(found.categories, folder / "categories.parquet")
        write_images(folder / "images.safetensors", found.pixels, params)
        return Ingested(folder)

    return build
