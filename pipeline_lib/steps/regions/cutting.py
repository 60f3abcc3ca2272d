"""Regions cut out of pictures and encoded; of a data set, each cut-out once and kept.

A cut-out is told by its picture's digest and its box in whole pixels: whatever stage was killed,
and however a data set grows, nothing is encoded twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import PIL
import polars as pl
import timm
import torch
from torch import Tensor

from pipeline_lib.artifacts.parts import PartStore, pieces
from pipeline_lib.closure import code_digest
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.crops import (
    Crops,
    cut_out,
    pixel_boxes,
    reduced,
    reduced_size,
    steady,
)
from pipeline_lib.encoders.frozen import Frozen
from pipeline_lib.encoders.window import window
from pipeline_lib.evaluation.localisation import hull
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.parallel import map_ordered
from pipeline_lib.progress import Track

CUTS_PER_PART = 512  # what a kill can lose, per worker
VECTOR = "descriptors"  # the array of a part


@dataclass(frozen=True)
class Cutter:
    """What encodes cut-outs, which a worker process builds once and then reuses."""

    network: Path  # of maps (artifacts/made.py FROZEN)
    digest: str  # of it
    image_size: int
    batch_size: int
    device: str

    @property
    def crops(self) -> Crops:
        """The network."""
        return _built(self)

    @property
    def fingerprint(self) -> str:
        """A name of everything that a vector depends on but its picture and its box."""
        return digest(
            {
                "network": self.digest,
                "image_size": self.image_size,
                "batch_size": self.batch_size,
                "device": self.device,
                "code": code_digest(__name__),
                "versions": [torch.__version__, timm.__version__, PIL.__version__],
            }
        )


@dataclass(frozen=True)
class _Cut:
    """One cut-out: its key, the row of its picture, and its box in whole pixels."""

    key: str
    row: int
    box: tuple[int, ...]


@dataclass(frozen=True)
class Vectors:
    """The encoded cut-outs of some images."""

    store: PartStore
    keys: np.ndarray  # (images, regions)
    new: int  # cut-outs that no finished part held

    def rows(self, rows: np.ndarray) -> Tensor:
        """Return the vectors of some images (images, regions, dims), float16, in their order."""
        return next(self.batches(rows, len(rows)))

    def batches(self, rows: np.ndarray, size: int) -> Iterator[Tensor]:
        """Yield the same of so many images at a time."""
        regions = self.keys.shape[1]
        for found in self.store.gather(self.keys[rows].ravel().tolist(), size * regions):
            vectors = torch.from_numpy(found[VECTOR])
            yield vectors.view(-1, regions, vectors.shape[1])


def cutter(
    network: Path, image_size: int, samples: pl.DataFrame, images: Images, *, device: str
) -> Cutter:
    """Return what encodes cut-outs of the pictures, whose rows do not depend on each other."""
    own = Frozen.read(network, device)
    found = Cutter(network, file_digest(network), image_size, own.batch_size, device)
    probe = images.pixels(range(min(own.batch_size, len(samples))))
    batch = steady(found.crops, probe).encode.batch_size
    return replace(found, batch_size=batch)


def boxes_in(theta: np.ndarray, windows: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return what affine boxes enclose in whole pixels of the pictures that are cut (…, 4).

    Args:
        theta: (images, regions, 2, 3) in -1…1 of what the network in front of the maps saw.
        windows: (images, 4), the part of each picture that it saw.
        sizes: (images, 2), widths and heights of the pictures.
    """
    hulls = hull(theta, windows)
    found = [
        pixel_boxes(own, *reduced_size(width, height))
        for own, (width, height) in zip(hulls, sizes.tolist(), strict=True)
    ]
    return np.stack(found)


def cut_all(crops: Crops, theta: np.ndarray, pictures: Sequence[np.ndarray]) -> Tensor:
    """Encode the regions of new pictures, (images, regions, dims) float16 on the device.

    Args:
        crops: the network.
        theta: as above.
        pictures: RGB (height, width, 3) uint8.
    """
    seen = crops.encode.preprocess
    sizes = np.array([picture.shape[1::-1] for picture in pictures])
    windows = window(*sizes.T, crop_pct=seen.crop_pct, crop_mode=seen.crop_mode, size=seen.size)
    boxes = boxes_in(theta, windows, sizes)
    cuts = [
        cut_out(small, box, crops.border)
        for small, own in zip(map(reduced, pictures), boxes, strict=True)
        for box in own
    ]
    return crops(cuts).view(*theta.shape[:2], -1)


def encode_cuts(
    cutter: Cutter,
    boxes: np.ndarray,
    samples: pl.DataFrame,
    images: Images,
    parts: Path,
    *,
    track: Track,
) -> Vectors:
    """Encode the cut-outs of a data set that ``parts`` does not hold.

    Args:
        cutter: the network.
        boxes: (images, regions, 4), whole pixels.
        samples: ``sha256`` identifies equal pixels.
        images: their pixels.
        parts: folder of finished parts, of this and of other networks.
        track: shows the progress.
    """
    cuts = [
        _Cut(f"{sha}:{','.join(map(str, box))}", row, tuple(box))
        for row, (sha, own) in enumerate(zip(samples["sha256"], boxes.tolist(), strict=True))
        for box in own
    ]
    store = PartStore(parts / cutter.fingerprint)
    by_key = {cut.key: cut for cut in reversed(cuts)}
    missing = [by_key[key] for key in store.missing(cut.key for cut in cuts)]
    todo = list(pieces(missing, CUTS_PER_PART, cutter.batch_size))
    work = partial(_encode, cutter, images, store)
    most = 1 if cutter.device == "cuda" else None
    for _ in map_ordered(work, todo, label="regions: parts", track=track, most=most):
        pass
    keys = np.array([cut.key for cut in cuts], object).reshape(boxes.shape[:2])
    return Vectors(store, keys, len(missing))


def _encode(cutter: Cutter, images: Images, store: PartStore, cuts: Sequence[_Cut]) -> None:
    crops = cutter.crops
    rows = list(dict.fromkeys(cut.row for cut in cuts))
    pictures = dict(zip(rows, map(reduced, images.pixels(rows)), strict=True))
    shown = [cut_out(pictures[cut.row], cut.box, crops.border) for cut in cuts]
    store.add([cut.key for cut in cuts], {VECTOR: crops(shown).cpu().numpy()})


@lru_cache(maxsize=1)
def _built(cutter: Cutter) -> Crops:
    frozen = Frozen.read(cutter.network, cutter.device)
    return Crops(replace(frozen, batch_size=cutter.batch_size), cutter.image_size)
