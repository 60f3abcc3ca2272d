"""A small image set that is really ingested: red pictures and blue ones, with noise."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.datasets.images import write_images
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.methods.base.settings import Settings as Base
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest
from pipeline_lib.steps.train.job import Job
from pipeline_lib.steps.train.loading import load_fit
from tests.methods.toy import merged
from tests.recipes import COSINE, RECIPE, SGD
from tests.settled import settled

SIZE = 16
COUNTS = {"train": 24, "val": 8, "test": 20}  # of each class
DATASET: dict[str, Any] = {
    "format": "image_folder",
    "storage": "pixels",
    "val_share": 0.0,
    "test_share": 0.0,
    "max_rejected": 0.0,
    "duplicates": "report",
    "max_pixels": 1_000_000,
    "seed": 0,
    "columns": dict.fromkeys(
        ("id", "image", "split", "classes", "tags", "caption", "boxes", "box_tags", "separator"),
        "auto",
    ),
    "tag_matrix": "data/none",
    "captions": {"tags": "none", "names": "data/none", "wordnet": "data/none"},
    "unseen": {"by": "none", "names": "data/none", "wordnet": "data/none"},
    "single_positive": {"enabled": False, "seed": 1200},
    "nuswide": {"vocabulary": "seen_925_unseen_81"},
    "openimages": {"labels": "human", "confidence": 0.5, "unseen": "top_400"},
    "scenes": {
        "train": 1,
        "val": 1,
        "test": 1,
        "test_shift": 1,
        "size": 32,
        "background_match": 0.5,
        "seed": 0,
        "difficulty": "none",
    },
}
BASE: dict[str, Any] = {
    "seeds": [0, 1],
    "backbone": {"model": "lenet5", "pretrained": False, "image_size": SIZE},
    "recipe": RECIPE
    | {
        "epochs": 6,
        "batch_size": 8,
        "optimizer": SGD | {"lr": 0.02},
        "schedule": COSINE,
        "augment": "crop_flip",
    },
    "auxiliary_tags": 0.0,
}


@dataclass(frozen=True)
class Ingested:
    """Where the artifacts of `ingest` lie."""

    samples: Path
    categories: Path
    images: Path

    def table(self) -> pl.DataFrame:
        return SAMPLES.read(self.samples)

    def train_ids(self) -> list[str]:
        return self.table().filter(pl.col("split") == "train")["sample_id"].to_list()


def ingested(folder: Path) -> Ingested:
    """Draw the pictures, and ingest them as the stage does."""
    rng = np.random.default_rng(0)
    for split, count in COUNTS.items():
        for name, channel in (("red", 0), ("blue", 2)):
            place = folder / "pictures" / split / name
            place.mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 160, (SIZE, SIZE, 3))
                pixels[:, :, channel] += 60
                Image.fromarray(pixels.astype(np.uint8)).save(place / f"{number:02d}.png")
    params = settled(Dataset, DATASET | {"path": str(folder / "pictures")})
    _, reader = open_reader(params)
    found = ingest(reader, params, track=silent)
    out = Ingested(*(folder / n for n in ("samples.parquet", "categories.parquet", "images.st")))
    SAMPLES.write(found.samples, out.samples)
    CATEGORIES.write(found.categories, out.categories)
    write_images(out.images, found.pixels, params)
    return out


def settings(**recipe: Any) -> Base:
    return settled(Base, merged(BASE, {"recipe": recipe}))


def job(files: Ingested, checkpoints: Path, **changes: Any) -> Job:
    """A run of the method base, with some fields changed."""
    values: dict[str, Any] = {
        "name": "easy",
        "method": "base",
        "learn": load_fit(changes.get("method", "base")),
        "target": "classes",
        "settings": settings(),
        "samples": files.samples,
        "categories": files.categories,
        "input": files.images,
        "text": None,
        "knowledge": None,
        "weights": None,
        "device": "cpu",
        "checkpoints": checkpoints,
    }
    return Job(**(values | changes))
