"""Small data sets of every layout, written where a test wants them."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline_lib.params.dataset import Dataset
from tests.settled import settled

SCENES = {
    "train": 1,
    "val": 1,
    "test": 1,
    "test_shift": 1,
    "size": 32,
    "background_match": 0.5,
    "seed": 0,
    "difficulty": "none",
}
COLUMNS = dict.fromkeys(
    ("id", "image", "split", "classes", "tags", "caption", "boxes", "box_tags", "separator"), "auto"
)
DEFAULTS: dict[str, Any] = {
    "format": "auto",
    "storage": "auto",
    "val_share": 0.0,
    "test_share": 0.0,
    "max_rejected": 0.0,
    "duplicates": "report",
    "max_pixels": 1_000_000,
    "seed": 0,
    "tag_matrix": "data/none",
    "captions": {"tags": "none", "names": "data/none", "wordnet": "data/none"},
    "unseen": {"by": "none", "names": "data/none", "wordnet": "data/none"},
    "single_positive": {"enabled": False, "seed": 1200},
    "nuswide": {"vocabulary": "seen_925_unseen_81"},
    "openimages": {"labels": "human", "confidence": 0.5, "unseen": "top_400"},
    "scenes": SCENES,
}

PATHS = ["train/a/1.png", "train/b/2.png", "test/a/3.png", "test/b/4.png"]


@pytest.fixture
def folder(tmp_path: Path, encoded: Callable[..., bytes]) -> Path:
    """A folder of four pictures of different colours."""
    for number, path in enumerate(PATHS):
        (tmp_path / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / path).write_bytes(encoded(number))
    return tmp_path / "data"


@pytest.fixture
def dataset() -> Callable[..., Dataset]:
    """Build the section ``dataset`` for a path, with some values changed."""

    def build(path: Path, *, columns: dict[str, str] | None = None, **changes: Any) -> Dataset:
        values = DEFAULTS | {"path": str(path), "columns": COLUMNS | (columns or {})} | changes
        return settled(Dataset, values)

    return build


@pytest.fixture
def encoded() -> Callable[..., bytes]:
    """Encode one colour, or an image, as a file of some format."""

    def build(
        image: int | Image.Image | np.ndarray = 0,
        format: str = "PNG",
        size: tuple[int, int] = (3, 2),
        **options: Any,
    ) -> bytes:
        if isinstance(image, int):
            image = Image.new("RGB", size, (image % 256, image // 256, 7))
        if isinstance(image, np.ndarray):
            image = Image.fromarray(image)
        file = io.BytesIO()
        image.save(file, format, **options)
        return file.getvalue()

    return build
