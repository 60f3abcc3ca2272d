"""Find the regions of images with a trained CSNet, of the data set's or of any others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.artifacts.regions import CSNET
from pipeline_lib.knowledge.exemplars.assignment import ASSIGNMENTS
from pipeline_lib.methods.vscnet.csnet import CSNet
from pipeline_lib.methods.vscnet.lattice import lattice
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.params.section import checked
from pipeline_lib.progress import Track
from pipeline_lib.steps.csnet import Material
from pipeline_lib.training.determinism import make_deterministic

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

    @classmethod
    def of(
        cls,
        weights: Mapping[str, np.ndarray],
        header: Mapping[str, Any],
        descriptor: Literal["state", "pooled"],
        device: str,
    ) -> Self:
        """Build the network anew from what its file holds (artifacts/regions.py CSNET)."""
        settings = checked(CsnetSettings, header["settings"])
        net = CSNet(settings, dims=header["dims"], tags=header["tags"], classes=header["classes"])
        net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
        return cls(net.to(device).eval().requires_grad_(False), descriptor, device)

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
        boxes = lattice(self.settings.steps, self.lattice).to(self.device)
        return Located(*own, self._look(maps, boxes)[1:])

    def _look(self, maps: Tensor, boxes: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        found = [self._batch(batch, boxes) for batch in torch.split(maps, BATCH)]
        theta, kept, tags = (torch.cat(rows) for rows in zip(*found, strict=True))
        return theta, kept, tags

    def _batch(self, maps: Tensor, boxes: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        batch = maps.new_zeros(BATCH, *maps.shape[1:])
        batch[: len(maps)] = maps
        found = self.net(batch.to(self.device).float(), boxes)
        kept = found.states if self.descriptor == "state" else found.pooled
        theta, kept, tags = (rows[: len(maps)] for rows in (found.theta, kept, found.tags))
        return theta, kept, tags


def with_lattice(finder: Finder, material: Material) -> Finder:
    """Return what looks at a lattice too, of boxes as large as the finder's on training images."""
    total, rows = torch.zeros(2, dtype=torch.float64), material.table.train
    for own in np.split(rows, range(BATCH, len(rows), BATCH)):
        theta = finder(torch.from_numpy(material.reader.rows(own, "maps"))).theta
        total += theta.diagonal(dim1=2, dim2=3).abs().mean(1).sum(0).double().cpu()
    width, height = (total / len(rows)).clamp(max=1).tolist()
    return replace(finder, lattice=(width, height))


def find_regions(
    material: Material, finder: Finder, *, track: Track
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the arrays of artifacts/shards.py REGIONS, batch by batch, in the order of samples."""
    make_deterministic()
    assign = ASSIGNMENTS[finder.settings.assignment]
    is_train = material.table.in_training
    starts = range(0, len(material.reader), BATCH)
    for start in track(starts, label="regions: batches", total=len(starts)):
        rows = np.arange(start, min(start + BATCH, len(material.reader)))
        found = finder(torch.from_numpy(material.reader.rows(rows, "maps")))
        carried = torch.from_numpy(material.tags[rows] & is_train[rows, None])
        assigned = assign(found.tags.log_softmax(2), carried)
        yield found.stored | {
            "pooled": material.reader.rows(rows, "pooled"),
            "assigned": assigned.cpu().numpy().astype(np.int32),
        }
