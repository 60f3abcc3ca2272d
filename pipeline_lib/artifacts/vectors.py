"""One vector per image, whichever stage made it: ``features``, or ``maps``, which pools them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline_lib.artifacts import features
from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.shards import MAPS, shard_path
from pipeline_lib.artifacts.tensors import header_of
from pipeline_lib.errors import InputError

BASELINE = "baseline@"  # of what a network was trained here for, in `encoded`


@dataclass(frozen=True)
class ImageVectors:
    """The vectors of all images."""

    rows: np.ndarray  # (images, dimensions) float32
    learnt: tuple[str, ...]  # targets on whose training labels the network was trained here
    origin: dict[str, Any] = field(default_factory=dict)  # what their header says: backbone, …


def read_vectors(folder: Path, sample_ids: list[str]) -> ImageVectors:
    """Return the vectors of the images ``sample_ids`` in their order.

    Raises:
        InputError: the folder holds none, those of other images, or values that are not finite.
    """
    maps = shard_path(folder, 0)
    if maps.exists():
        rows = MAPS.open(folder, sample_ids).whole("pooled").astype(np.float32)
    else:
        maps, rows = features.shard_path(folder, 0), features.read_features(folder, sample_ids)
    if not np.isfinite(rows).all():
        bad = int((~np.isfinite(rows)).any(1).sum())
        raise InputError(
            f"{folder}: {bad} of {len(rows)} vectors are not finite, expected numbers; look at the "
            "network that made them, and re-run its stage"
        )
    origin, encoded = header_of(maps), encoded_for(maps)
    done = [key.removeprefix(BASELINE) for key in encoded if key.startswith(BASELINE)]
    return ImageVectors(rows, tuple(sorted(done)), origin)
