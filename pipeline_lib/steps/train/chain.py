"""From the pixels of any picture to what a run's network reads, by the code of the stages.

A run on feature maps reads what ``maps`` made of an image; a run on graphs what ``regions`` found
on the maps, or cut out of the picture by them, and ``exemplars`` matched that with.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.artifacts.made import Made, makers
from pipeline_lib.encoders.frozen import Frozen
from pipeline_lib.errors import InputError
from pipeline_lib.steps.exemplars.match import Matcher
from pipeline_lib.steps.regions.finder import Finder, Located
from pipeline_lib.steps.regions.pixels import PixelFinder


class Shown(NamedTuple):
    """A picture of which regions are cut out."""

    seen: Tensor  # as the network in front of the maps sees it, uint8 (3, size, size)
    whole: np.ndarray  # as it is cut: RGB uint8 (height, width, 3), at most crops.LARGEST long


Prepared = Tensor | list[Shown]
"""Pictures that wait to be scored: uint8 (images, 3, size, size), or with the whole of each."""
Inputs = Callable[[Any], Any]
"""From ``Prepared`` pictures to inputs of a network; which of the two it takes, its class says."""


@dataclass(frozen=True)
class Maps:
    """Feature maps, rounded to half precision as those that are stored."""

    encode: Frozen

    def __call__(self, images: Tensor) -> Tensor:
        """Return maps (images, dims, height, width), float32 on the device."""
        return self.encode.maps(images)["maps"].float()


@dataclass(frozen=True)
class Graphs:
    """Regions matched with exemplars."""

    encode: Frozen
    find: Finder
    match: Matcher

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        """Return the arrays of artifacts/exemplars.py GRAPHS on the device, floats as float32."""
        found = self.encode.maps(images)
        return _matched(self.match, self.find(found["maps"]), found["pooled"])


@dataclass(frozen=True)
class PixelGraphs:
    """Regions cut out of the pictures, matched with exemplars."""

    encode: Frozen
    find: PixelFinder
    match: Matcher

    def __call__(self, images: list[Shown]) -> dict[str, Tensor]:
        """Return the same arrays."""
        found = self.encode.maps(torch.stack([image.seen for image in images]))
        regions = self.find(found["maps"], [image.whole for image in images])
        return _matched(self.match, regions, found["pooled"])


def _matched(match: Matcher, found: Located, pooled: Tensor) -> dict[str, Tensor]:
    graphs = match.new(found.stored | {"pooled": pooled.cpu().numpy()})
    arrays = {name: torch.from_numpy(array) for name, array in graphs.items()}
    on = {name: value.to(pooled.device) for name, value in arrays.items()}
    return {name: v.float() if v.is_floating_point() else v for name, v in on.items()}


def chain(made: Made | None, root: Path, device: str) -> Inputs:
    """Build what made the inputs that a run was trained on, from the files that did.

    Args:
        made: of the header of the run's weights.
        root: the checkout, where paths begin.
        device: where it computes.

    Raises:
        InputError: a file is missing, or another than it was, or ``made`` is no such chain.
    """
    steps, kinds = dict[str, Any](), {("encode",): Maps, ("encode", "find", "match"): Graphs}
    for step, path in makers(made or [], root):
        match step["stage"]:
            case "maps":
                steps["encode"] = Frozen.read(path, device)
            case "csnet":
                finder, size = Finder.read(path, step["descriptor"], device), step.get("lattice")
                steps["find"] = replace(finder, lattice=tuple(size)) if size else finder
            case "regions":
                steps["find"] = PixelFinder.read(steps["find"], steps["encode"], path)
            case "exemplars":
                steps["match"] = Matcher.read(path)
    kind: Any = kinds.get(tuple(steps))
    if kind is None:
        found = ", ".join(steps) or "nothing"
        raise InputError(
            f"the run's inputs name {found} that made them, expected encode, or encode, find and "
            "match; re-run `dvc repro train`"
        )
    made_by: Inputs = PixelGraphs(**steps) if _of_pixels(steps) else kind(**steps)
    return made_by


def _of_pixels(steps: dict[str, Any]) -> bool:
    return isinstance(steps.get("find"), PixelFinder)
