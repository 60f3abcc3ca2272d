"""What a run reads of each image: its pixels, or what an earlier stage made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from pipeline_lib.artifacts.exemplars import GRAPHS
from pipeline_lib.artifacts.shards import MAPS, Reader, artifact_of
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.model_inputs import KEEP_BYTES, Inputs
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.vision import Vision, build
from pipeline_lib.errors import InputError
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.training.data import Fetch
from pipeline_lib.training.encoding import Given

if TYPE_CHECKING:
    from pipeline_lib.encoders.vlp.towers import Towers, Vlp


@dataclass(frozen=True)
class Source:
    """The network in front of a method, and its inputs by row of the sample table."""

    encoder: nn.Module
    fetch: Fetch[Any]
    preprocess: dict[str, Any]  # how images became its inputs (encoders/preprocess.py)


def open_input(
    path: Path,
    samples: pl.DataFrame,
    backbone: Backbone | None,
    weights: Path | None,
    *,
    seed: int,
    device: str,
) -> Source:
    """Open the images, feature maps or graphs at ``path``.

    Raises:
        InputError: it is none of them, of other images, or a backbone is missing; or the trunk of
            a vision-language model is not what made the maps.
    """
    if path.is_dir():
        reader = open_stored(path, samples)
        preprocess = reader.header.get("preprocess") or {}
        encoder = _towers_behind(reader, weights) if weights is not None else encoder_of(reader)
        return Source(encoder, fetch_stored(reader, device), preprocess)
    found: Vision | Vlp
    if backbone is not None:
        found = build(backbone, weights, num_classes=0, seed=seed)
    elif weights is not None and weights.is_dir():
        found = _vlp(weights)
    else:
        raise InputError(
            f"{path}: holds images, and the method has neither a backbone nor a vision-language "
            "model to encode them; expected the `input:` and `weights:` that `protoweave methods "
            "--enable NAME` writes"
        )
    inputs = open_images(path, samples, found.preprocess, device)
    return Source(found.model, inputs, found.preprocess.about)


# open_clip takes two seconds to import: only what has towers waits for it.


def _vlp(folder: Path) -> "Vlp":
    from pipeline_lib.encoders.vlp.load import load

    return load(folder)


def _towers_behind(reader: Reader, weights: Path) -> "Towers":
    from pipeline_lib.steps.train.behind_maps import open_behind

    return open_behind(reader, weights)


def open_images(path: Path, samples: pl.DataFrame, preprocess: Preprocess, device: str) -> Inputs:
    """Open images as the inputs of a network."""
    return Inputs(Images(path, samples).pixels, preprocess, len(samples), device)


def open_stored(path: Path, samples: pl.DataFrame) -> Reader:
    """Open feature maps, or graphs."""
    kind = MAPS if artifact_of(path) == MAPS.artifact else GRAPHS
    return kind.open(path, samples["sample_id"].to_list())


def fetch_stored(reader: Reader, device: str) -> Fetch[Any]:
    """Return what fetches maps, or graphs by the names of their arrays."""
    if reader.kind == MAPS:
        return Stored(reader, "maps", device)
    arrays = {name: Stored(reader, name, device) for name in sorted(reader.shapes)}
    return lambda rows: {name: array(rows) for name, array in arrays.items()}


def encoder_of(reader: Reader) -> nn.Module:
    """Return what stands for the network that maps came from; graphs need none."""
    return Given(reader.shapes["maps"][0]) if reader.kind == MAPS else nn.Identity()


class Stored:
    """Fetch rows of one array; it is held in memory where it is small enough.

    Half precision on disk, single in use.
    """

    def __init__(self, reader: Reader, name: str, device: str) -> None:
        self._reader, self._name, self._device = reader, name, device
        size = len(reader) * int(np.prod(reader.shapes[name], dtype=np.int64)) * 2
        whole = size <= KEEP_BYTES
        self._kept = torch.from_numpy(reader.whole(name)) if whole else None

    def __call__(self, rows: Sequence[int]) -> Tensor:
        """Return the rows on the device; floating point numbers as float32."""
        if self._kept is None:
            found = torch.from_numpy(self._reader.rows(rows, self._name))
        else:
            found = self._kept[list(rows)]
        found = found.to(self._device, non_blocking=True)
        return found.float() if found.is_floating_point() else found
