"""A frozen backbone on its device, and the file that keeps it beside what it made of the images."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from pipeline_lib.artifacts.made import FROZEN
from pipeline_lib.encoders.checkpoint import arguments
from pipeline_lib.encoders.feature_map import FeatureMap
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.vision import empty
from pipeline_lib.encoders.vlp.tower_map import TowerMap, described
from pipeline_lib.errors import InputError
from pipeline_lib.nn.state import difference
from pipeline_lib.params.maps import Maps
from pipeline_lib.params.section import checked
from pipeline_lib.settings.backbone import DenseBackbone

ARRAYS = ("maps", "pooled")  # what a `FeatureMap` gives, as artifacts/shards.py names it


@dataclass(frozen=True)
class Frozen:
    """A network that encodes images in batches of one shape.

    So a row's bits depend on its image alone: a shorter batch takes other kernels, which round
    differently.
    """

    model: nn.Module  # in evaluation mode, on the device
    preprocess: Preprocess
    batch_size: int
    precision: str  # of the computation
    device: str

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> list[Tensor]:
        """Return what the network gives, one row per image, on its device.

        Args:
            images: as ``preprocess`` sizes them, uint8 (images, 3, size, size).
        """
        found = [self._batch(batch) for batch in torch.split(images, self.batch_size)]
        return [torch.cat(rows) for rows in zip(*found, strict=True)]

    def _batch(self, images: Tensor) -> list[Tensor]:
        """Encode a batch, which is filled up with black images."""
        batch = images.new_zeros(self.batch_size, *images.shape[1:])
        batch[: len(images)] = images
        with self._autocast():
            found = self.model(self.preprocess.normalise(batch.to(self.device)))
        every = found if isinstance(found, tuple) else (found,)
        return [rows[: len(images)] for rows in every]

    def maps(self, images: Tensor) -> dict[str, Tensor]:
        """Return maps and pooled features as they are stored, in half precision."""
        return {name: rows.half() for name, rows in zip(ARRAYS, self(images), strict=True)}

    def _autocast(self) -> AbstractContextManager[object]:
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device, dtype=getattr(torch, self.precision))

    @classmethod
    def read(cls, path: Path, device: str) -> Self:
        """Build the network of maps anew from its file.

        Raises:
            InputError: the file is missing or damaged, or holds the weights of another network.
        """
        arrays, header = FROZEN.read(path)
        network, filled = _empty(header, path)
        state = {name: torch.from_numpy(array) for name, array in arrays.items()}
        if wrong := difference(filled.state_dict(), state):
            raise InputError(
                f"{path}: these are not weights of '{_named(header)}': the file {wrong}; restore "
                "it with `dvc checkout`, or re-run `dvc repro maps`"
            )
        filled.load_state_dict(state)
        return cls(
            network.to(device).eval().requires_grad_(False),
            Preprocess.told(header["preprocess"]),
            header["batch_size"],
            header["precision"],
            device,
        )


def is_invariant(
    encode: Callable[[Sequence[np.ndarray]], Sequence[np.ndarray]], images: Sequence[np.ndarray]
) -> bool:
    """Say whether rows keep their bits when the order and the filling of a batch change.

    Args:
        encode: returns arrays, each of one row per image.
        images: a batch of them.
    """
    count = (len(images) + 1) // 2
    every = zip(encode(images), encode(images[::-1]), encode(images[:count]), strict=True)
    return all(
        np.array_equal(whole, turned[::-1]) and np.array_equal(whole[:count], half)
        for whole, turned, half in every
    )


def _empty(header: Mapping[str, Any], path: Path) -> tuple[nn.Module, nn.Module]:
    """Build the network that a header describes, and return with it what its arrays fill."""
    if "tower" in header:
        found = TowerMap.empty(header["tower"])
        return found, found.tower.visual
    backbone = checked(DenseBackbone, header["backbone"])
    model = empty(backbone, arguments(header["model_args"], path))
    return FeatureMap(model, header["layer"]), model


def _named(header: Mapping[str, Any]) -> str:
    name: str = (described(header["tower"]) if "tower" in header else header["backbone"])["model"]
    return name


def write_frozen(path: Path, params: Maps, found: Frozen, model_args: Mapping[str, Any]) -> None:
    """Write all that it takes to make maps of other images."""
    network: Any = found.model
    about: dict[str, Any] = {
        "precision": found.precision,
        "batch_size": found.batch_size,
        "preprocess": found.preprocess.about,
    }
    if isinstance(network, TowerMap):
        filled, about["tower"] = network.tower.visual, network.config
    else:
        assert params.backbone is not None
        filled = network.model
        about |= {
            "backbone": asdict(params.backbone) | {"pretrained": False},  # its weights are here
            "model_args": dict(model_args),
            "layer": params.layer,
        }
    arrays = {name: value.cpu().numpy() for name, value in filled.state_dict().items()}
    FROZEN.write(path, arrays, **about)
