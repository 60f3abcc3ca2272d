"""Test images as a vision-language model sees them, to draw patches over."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.vlp import CONFIG_FILE
from pipeline_lib.encoders.window import OPEN_CLIP_MODES, window
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.crops import crop
from pipeline_lib.reporting.pictures import Picture, encoded

SIDE = 112  # pixels of a picture under patches
WHOLE = np.eye(2, 3)  # the box that covers what the model sees
USUAL = "shortest"  # open_clip's own mode where a configuration names none


@dataclass(frozen=True)
class Backdrops:
    """The test images of a collection, cut to the model's square input."""

    collection: Collection
    mode: str  # of encoders/window.py

    @classmethod
    def read(cls, vlp: Path, collection: Collection) -> Self:
        """Read how the model in the folder ``vlp`` cuts images.

        Without that folder, where runs start from a model elsewhere, it is taken to cut as most do.
        """
        config = vlp / CONFIG_FILE
        about = read_json(config).get("preprocess_cfg", {}) if config.exists() else {}
        return cls(collection, OPEN_CLIP_MODES[about.get("resize_mode", USUAL)])

    def title(self, image: int) -> str:
        """Return an image's name and tags in words."""
        row = int(self.collection.rows(TEST)[image])
        return f"{self.collection.samples['sample_id'][row]}: {self.collection.label(row, 'tags')}"

    def carried(self, image: int) -> list[int]:
        """Return the tags of an image."""
        row = int(self.collection.rows(TEST)[image])
        found: list[int] = self.collection.samples["tags"][row].to_list()
        return found

    def pictures(self, images: Iterable[int]) -> dict[int, Picture]:
        """Return pictures of some images, given as positions in the test split."""
        wanted = sorted(set(images))
        rows = self.collection.rows(TEST)[np.array(wanted, np.int64)].tolist()
        pixels_of = self.collection.images.pixels(rows) if rows else []
        return {
            image: encoded(self.seen(pixels), SIDE).shown(self.collection.beside, self.title(image))
            for image, pixels in zip(wanted, pixels_of, strict=True)
        }

    def seen(self, pixels: np.ndarray) -> np.ndarray:
        """Cut an image to the square that the model sees; what is added around it is black."""
        height, width = (np.array([side]) for side in pixels.shape[:2])
        part = window(width, height, crop_pct=1.0, crop_mode=self.mode, size=SIDE)
        return crop(pixels, WHOLE, part[0])
