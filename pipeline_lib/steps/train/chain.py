"""From the pixels of any picture to what a run's network reads, by the code of the stages.

A run on feature maps reads what ``maps`` made of an image; a run on graphs what ``regions`` found
on the maps, and ``exemplars`` matched that with.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.artifacts.made import Made, makers
from pipeline_lib.encoders.frozen import Frozen
from pipeline_lib.errors import InputError
from pipeline_lib.steps.exemplars.match import Matcher
from pipeline_lib.steps.regions.find import Finder

Inputs = Callable[[Tensor], Any]
"""From images as ``prepare`` sizes them, uint8 (images, 3, size, size), to inputs of a network."""


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
        pooled = {"pooled": found["pooled"].cpu().numpy()}
        graphs = self.match.new(self.find(found["maps"]).stored | pooled)
        arrays = {name: torch.from_numpy(array) for name, array in graphs.items()}
        on = {name: value.to(self.encode.device) for name, value in arrays.items()}
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
    steps = dict[str, Any]()
    for step, path in makers(made or [], root):
        match step["stage"]:
            case "maps":
                steps["encode"] = Frozen.read(path, device)
            case "csnet":
                finder, size = Finder.read(path, step["descriptor"], device), step.get("lattice")
                steps["find"] = replace(finder, lattice=tuple(size)) if size else finder
            case "exemplars":
                steps["match"] = Matcher.read(path)
    for kind, names in ((Maps, ["encode"]), (Graphs, ["encode", "find", "match"])):
        if list(steps) == names:
            return kind(**steps)
    found = ", ".join(steps) or "nothing"
    raise InputError(
        f"the run's inputs name {found} that made them, expected encode, or encode, find and "
        "match; re-run `dvc repro train`"
    )
