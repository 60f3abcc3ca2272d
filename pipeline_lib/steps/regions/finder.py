"""A trained CSNet, which finds the regions of images on maps: the data set's or any others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.artifacts.regions import CSNET, FOLDS
from pipeline_lib.errors import InputError
from pipeline_lib.methods.vscnet.csnet import CSNet
from pipeline_lib.methods.vscnet.lattice import lattice
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.params.section import checked

BATCH = 64  # images whose regions are found at a time; fixed, as it decides the last bits


@dataclass(frozen=True)
class Located:
    """The regions of some images, on a device."""

    theta: Tensor  # (images, regions, 2, 3)
    descriptors: Tensor  # (images, regions, dims)
    tags: Tensor  # logits (images, regions, tags)
    lattice: tuple[Tensor, Tensor] | None = None  # descriptors and tags of fixed boxes

    @property
    def stored(self) -> dict[str, np.ndarray]:
        """The arrays of artifacts/shards.py REGIONS that are not of the labels."""
        arrays = {
            "theta": self.theta.float(),
            "descriptors": self.descriptors.half(),
            "tags": self.tags.half(),
        }
        if self.lattice is not None:
            arrays["lattice"], arrays["lattice_tags"] = (one.half() for one in self.lattice)
        return {name: array.cpu().numpy() for name, array in arrays.items()}


@dataclass(frozen=True)
class Finder:
    """A trained CSNet on a device, and what is kept of a region."""

    net: CSNet
    descriptor: Literal["state", "pooled"]
    device: str
    lattice: tuple[float, float] | None = None  # size of fixed boxes that are looked at too
    folds: tuple[CSNet, ...] = ()  # each trained without one fold of the training images

    @classmethod
    def of(
        cls,
        weights: Mapping[str, np.ndarray],
        header: Mapping[str, Any],
        descriptor: Literal["state", "pooled"],
        device: str,
    ) -> Self:
        """Build the networks anew from what their file holds (artifacts/regions.py CSNET).

        Raises:
            InputError: what is kept of regions is not the same to all of them.
        """
        settings = checked(CsnetSettings, header["settings"])
        if settings.folds and descriptor == "state":
            raise InputError(
                f"regions.descriptor is state, and csnet.folds {settings.folds}: each network has "
                "states of its own, which cannot be compared; set the one to pooled, or the other "
                "to 0"
            )

        def network(prefix: str) -> CSNet:
            net = CSNet(
                settings, dims=header["dims"], tags=header["tags"], classes=header["classes"]
            )
            own = {name: torch.from_numpy(weights[prefix + name]) for name in net.state_dict()}
            net.load_state_dict(own)
            return net.to(device).eval().requires_grad_(False)

        folds = tuple(network(f"{FOLDS}/{number}/") for number in range(settings.folds))
        return cls(network(""), descriptor, device, folds=folds)

    @classmethod
    def read(cls, path: Path, descriptor: Literal["state", "pooled"], device: str) -> Self:
        """Read what ``csnet`` wrote.

        Raises:
            InputError: the file is missing or damaged.
        """
        return cls.of(*CSNET.read(path), descriptor, device)

    @property
    def settings(self) -> CsnetSettings:
        """As the network was trained."""
        return self.net.settings

    @torch.inference_mode()
    def __call__(self, maps: Tensor) -> Located:
        """Find the regions of some images in batches of one shape, as encoders/frozen.py does.

        Args:
            maps: as they are stored (images, dims, height, width).
        """
        own = self._look(maps)
        if self.lattice is None:
            return Located(*own)
        return Located(*own, self._look(maps, self.fixed(len(maps)))[1:])

    def fixed(self, images: int) -> Tensor:
        """Return the boxes of the lattice (images, regions, 2, 3), where there is one."""
        boxes = lattice(self.settings.steps, self.lattice or (1.0, 1.0)).to(self.device)
        return boxes.expand(images, -1, -1, -1)

    @torch.inference_mode()
    def held_out(self, maps: Tensor, fold: np.ndarray) -> Located:
        """Find regions as a call does, those of a fold by the network that never saw it.

        That one places and names them. Descriptors are of its boxes, by the network of all, as
        every network standardises maps by its own images.

        Args:
            maps: as they are stored (images, dims, height, width).
            fold: of each image; -1 of those that training did not see.
        """
        found = self(maps)
        for number, net in enumerate(self.folds):
            rows = torch.from_numpy(np.flatnonzero(fold == number))
            if len(rows):
                self._replace(found, maps[rows], rows.to(self.device), net)
        return found

    def _replace(self, found: Located, maps: Tensor, rows: Tensor, net: CSNet) -> None:
        """Let the images at ``rows`` have what a network without them found."""
        other = replace(self, net=net)
        theta, _, found.tags[rows] = other._look(maps)
        found.theta[rows] = theta
        found.descriptors[rows] = self._look(maps, theta)[1]
        if found.lattice is not None:
            found.lattice[1][rows] = other._look(maps, self.fixed(len(maps)))[2]

    def _look(self, maps: Tensor, boxes: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return boxes, descriptors and tags; of ``boxes`` (images, regions, 2, 3) if given."""
        count = -(-len(maps) // BATCH)
        given = [None] * count if boxes is None else torch.split(boxes, BATCH)
        pieces = zip(torch.split(maps, BATCH), given, strict=True)
        found = [self._batch(piece, own) for piece, own in pieces]
        theta, kept, tags = (torch.cat(rows) for rows in zip(*found, strict=True))
        return theta, kept, tags

    def _batch(self, maps: Tensor, boxes: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        at = None if boxes is None else filled(boxes)
        found = self.net(filled(maps).to(self.device).float(), at)
        kept = found.states if self.descriptor == "state" else found.pooled
        theta, kept, tags = (rows[: len(maps)] for rows in (found.theta, kept, found.tags))
        return theta, kept, tags


def filled(rows: Tensor) -> Tensor:
    """Return at most ``BATCH`` rows with as many zeros as are missing, behind them."""
    batch = rows.new_zeros(BATCH, *rows.shape[1:])
    batch[: len(rows)] = rows
    return batch
