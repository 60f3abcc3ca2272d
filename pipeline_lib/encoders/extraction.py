"""Encode the images of a data set, resuming from finished parts and reusing them when it grows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import PIL
import polars as pl
import timm
import torch

from pipeline_lib.artifacts.parts import PartStore, Rows, pieces
from pipeline_lib.closure import code_digest
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.extractor import Extractor, extractor
from pipeline_lib.encoders.frozen import Frozen
from pipeline_lib.fingerprint import digest
from pipeline_lib.parallel import map_ordered
from pipeline_lib.params.features import Features
from pipeline_lib.params.maps import Maps
from pipeline_lib.progress import Track

IMAGES_PER_PART = 128  # what a kill can lose, per worker


@dataclass(frozen=True)
class Extracted:
    """The arrays of all images in the order of the sample table."""

    chunks: Iterator[Rows]
    encoded: int  # images that no part held before
    network: Frozen
    model_args: dict[str, Any]  # of the network, as `Vision` has them


@dataclass(frozen=True)
class _Part:
    """The images of one part: their rows, and the digests of their pixels as keys."""

    rows: list[int]
    keys: list[str]


def extract(
    params: Features | Maps,
    samples: pl.DataFrame,
    images: Images,
    parts: Path,
    *,
    per_chunk: int,
    device: str,
    track: Track,
) -> Extracted:
    """Encode every distinct image once.

    Args:
        params: the backbone and its batch size.
        samples: all images; ``sha256`` identifies equal pixels.
        images: their pixels.
        parts: folder of finished parts, of this and of other backbones.
        per_chunk: images whose arrays come at a time.
        device: "cpu", with one process per core, or "cuda".
        track: shows the progress.
    """
    keys = samples["sha256"].to_list()
    label = type(params).__name__.lower()
    probe = images.pixels(range(min(params.batch_size, len(keys))))
    encoder = extractor(params, device, probe)
    store = PartStore(parts / _fingerprint(encoder))
    row_of = {key: row for row, key in reversed(list(enumerate(keys)))}
    missing = store.missing(keys)
    todo = [
        _Part([row_of[key] for key in some], list(some))
        for some in pieces(missing, IMAGES_PER_PART, encoder.batch_size)
    ]
    encode = partial(_encode, encoder, images, store)
    most = 1 if device == "cuda" else None
    for _ in map_ordered(encode, todo, label=f"{label}: parts", track=track, most=most):
        pass
    return Extracted(
        store.gather(keys, per_chunk), len(missing), encoder.network, encoder.model_args
    )


def _encode(encoder: Extractor, images: Images, store: PartStore, part: _Part) -> None:
    store.add(part.keys, encoder.encode(images.pixels(part.rows)))


def _fingerprint(encoder: Extractor) -> str:
    """Name everything that a vector depends on but its image."""
    return digest(
        {
            "params": encoder.params.model_dump(exclude={"weights"}),
            "weights": encoder.weights,
            "batch_size": encoder.batch_size,
            "device": encoder.device,
            "code": code_digest(type(encoder).__module__),
            "versions": [torch.__version__, timm.__version__, PIL.__version__],
        }
    )
