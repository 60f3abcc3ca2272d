"""Regions of pixels: CSNet places boxes on maps, and what they show is cut out of the pictures.

Deviation: the paper's Eq. 2 samples from the whole image through a box that may be turned; here it
is the upright hull of the box, in whole pixels, resized to a square.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.artifacts.regions import TAG_HEAD
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.crops import Crops
from pipeline_lib.encoders.frozen import Frozen
from pipeline_lib.encoders.window import windows
from pipeline_lib.params.regions import FromPixels
from pipeline_lib.progress import Track
from pipeline_lib.steps.csnet import Material
from pipeline_lib.steps.regions.cutting import (
    Vectors,
    boxes_in,
    cut_all,
    cutter,
    encode_cuts,
)
from pipeline_lib.steps.regions.find import labelled, look_at_all
from pipeline_lib.steps.regions.finder import BATCH, Finder, Located
from pipeline_lib.steps.regions.naming import Lessons, Namer, about_head, fit_namer


@dataclass(frozen=True)
class PixelFinder:
    """What finds the regions of new pictures, and describes them by their pixels."""

    find: Finder
    crops: Crops
    name: Namer

    @classmethod
    def read(cls, find: Finder, encode: Frozen, head: Path) -> Self:
        """Read the head that ``regions`` wrote.

        Raises:
            InputError: the file is missing or damaged.
        """
        arrays, about = TAG_HEAD.read(head)
        crops = Crops(replace(encode, batch_size=about["batch_size"]), about["image_size"])
        return cls(find, crops, Namer.read(arrays, encode.device))

    def __call__(self, maps: Tensor, pictures: list[np.ndarray]) -> Located:
        """Find the regions of pictures.

        Args:
            maps: as they are stored (images, dims, height, width).
            pictures: whole, RGB (height, width, 3) uint8.
        """
        theta = replace(self.find, lattice=None)(maps).theta
        own = self._described(theta, pictures)
        if self.find.lattice is None:
            return Located(theta, *own)
        fixed = self.find.fixed(len(maps))
        return Located(theta, *own, self._described(fixed, pictures))

    def _described(self, theta: Tensor, pictures: list[np.ndarray]) -> tuple[Tensor, Tensor]:
        descriptors = cut_all(self.crops, theta.float().cpu().numpy(), pictures)
        return descriptors, self.name(descriptors)


@dataclass(frozen=True)
class PixelRegions:
    """The regions of a data set: their places, their encoded cut-outs and what names them."""

    material: Material
    find: Finder
    fold: np.ndarray  # of every image, or -1
    theta: np.ndarray  # (images, regions, 2, 3)
    vectors: Vectors
    lattice: Vectors | None
    name: Namer
    header: dict[str, Any]  # of the head's file

    @property
    def encoded(self) -> int:
        """Distinct cut-outs of training images: as many more passes through the network."""
        train = self.material.table.train
        every = [v.keys[train] for v in (self.vectors, self.lattice) if v is not None]
        return len(np.unique(np.concatenate(every, 1).astype(str)))

    def chunks(self) -> Iterator[dict[str, np.ndarray]]:
        """Yield the arrays of artifacts/shards.py REGIONS in the order of samples."""
        every = np.arange(len(self.theta))
        own = self.vectors.batches(every, BATCH)
        fixed = self.lattice.batches(every, BATCH) if self.lattice else None
        for start in range(0, len(every), BATCH):
            rows = every[start : start + BATCH]
            theta, fold = torch.from_numpy(self.theta[rows]), self.fold[rows]
            descriptors = next(own).to(self.find.device)
            beside = next(fixed).to(self.find.device) if fixed else None
            found = Located(
                theta,
                descriptors,
                self.name(descriptors, fold),
                None if beside is None else (beside, self.name(beside, fold)),
            )
            yield found.stored | labelled(self.material, self.find, rows, found.tags)


def find_in_pixels(
    material: Material,
    find: Finder,
    fold: np.ndarray,
    source: FromPixels,
    images: Path,
    network: Path,
    parts: Path,
    *,
    seed: int,
    track: Track,
) -> PixelRegions:
    """Place boxes on the maps, encode what they show, and train what names it.

    Args:
        material: maps and labels.
        find: what places the boxes.
        fold: of every image, or -1 (steps/regions/find.py).
        source: size of cut-outs, and recipe of the head.
        images: what ``ingest`` wrote.
        network: what made the maps.
        parts: where finished cut-outs outlive a kill.
        seed: of the head.
        track: shows the progress.
    """
    samples, train = material.table.samples, material.table.train
    pictures = Images(images, samples)
    encode = cutter(network, source.image_size, samples, pictures, device=find.device)
    seen, sizes = windows(material.maps, samples), samples.select("width", "height").to_numpy()

    def cut(theta: np.ndarray) -> Vectors:
        boxes = boxes_in(theta, seen, sizes)
        return encode_cuts(encode, boxes, samples, pictures, parts, track=track)

    places = look_at_all(material, replace(find, lattice=None), fold, track=track)
    found = [own.theta.float().cpu() for _, own in places]
    theta = torch.cat(found).numpy()
    vectors = cut(theta)
    lattice = cut(find.fixed(len(theta)).cpu().numpy()) if find.lattice else None
    lessons = Lessons(vectors.rows(train), torch.from_numpy(material.tags[train]), fold[train])
    name = fit_namer(
        lessons, find.settings, source.recipe, seed=seed, device=find.device, track=track
    )
    about = about_head(source.image_size, encode.batch_size, source.recipe)
    return PixelRegions(material, find, fold, theta, vectors, lattice, name, about)
