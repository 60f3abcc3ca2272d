"""One vector per image from a frozen backbone: what is clustered."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.features import ROWS_PER_SHARD
from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.extraction import extract
from pipeline_lib.encoders.vision import described
from pipeline_lib.params.features import Features
from pipeline_lib.params.section import optional_path
from pipeline_lib.progress import Track


@dataclass(frozen=True)
class ImageVectors:
    """The vectors of all images in the order of the table."""

    shards: Iterator[np.ndarray]  # (rows, dimensions) float32, ROWS_PER_SHARD each
    about: dict[str, Any]  # their header
    new: int  # images that no finished part held


def encode_vectors(
    params: Features, table: SampleTable, images: Path, parts: Path, *, device: str, track: Track
) -> ImageVectors:
    """Encode the images, as far as ``parts`` does not hold their vectors."""
    found = extract(
        params,
        table.samples,
        Images(images, table.samples),
        parts,
        per_chunk=ROWS_PER_SHARD,
        device=device,
        track=track,
    )
    shards = (rows["global"] for rows in found.chunks)
    preprocess = found.network.preprocess
    before = encoded_for(optional_path(params.weights))
    about = {
        "backbone": described(params.backbone.model, preprocess.size, found.model_args),
        "preprocess": preprocess.about,
        "encoded": before | {"features": len(table.train)},
    }
    return ImageVectors(shards, about, found.encoded)
