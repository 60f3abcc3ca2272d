"""What names a region of pixels: a linear head on encoded cut-outs, and its file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.artifacts.regions import FOLDS, TAG_HEAD
from pipeline_lib.knowledge.exemplars.assignment import ASSIGNMENTS
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.methods.vscnet.tag_head import TagHead, TagHeadTask
from pipeline_lib.progress import Track
from pipeline_lib.settings.recipe import Recipe
from pipeline_lib.steps.regions.finder import BATCH, filled
from pipeline_lib.training.determinism import make_deterministic
from pipeline_lib.training.loop import Run, train


@dataclass(frozen=True)
class Namer:
    """The head of all training images, and those that never saw one fold of them."""

    head: TagHead  # in evaluation mode, on the device
    folds: tuple[TagHead, ...] = ()

    @torch.inference_mode()
    def __call__(self, descriptors: Tensor, fold: np.ndarray | None = None) -> Tensor:
        """Return logits (images, regions, tags), in batches of one shape.

        Args:
            descriptors: of cut-outs (images, regions, dims), as they are stored.
            fold: of each image, whose own head names its regions; -1: the head of all.
        """
        tags = _named(self.head, descriptors)
        for number, head in enumerate(self.folds if fold is not None else ()):
            rows = torch.from_numpy(np.flatnonzero(fold == number)).to(tags.device)
            if len(rows):
                tags[rows] = _named(head, descriptors[rows])
        return tags

    @classmethod
    def read(cls, arrays: Mapping[str, np.ndarray], device: str) -> Self:
        """Build the head of all from what its file holds (artifacts/regions.py TAG_HEAD)."""
        tags, dims = arrays["tags.weight"].shape
        head = TagHead(dims, tags)
        own = {name: torch.from_numpy(arrays[name]) for name in head.state_dict()}
        head.load_state_dict(own)
        return cls(head.to(device).eval().requires_grad_(False))

    def write(self, path: Path, **header: Any) -> None:
        """Write all heads."""
        arrays = _arrays(self.head, "")
        for number, head in enumerate(self.folds):
            arrays |= _arrays(head, f"{FOLDS}/{number}/")
        TAG_HEAD.write(path, arrays, **header)


@dataclass(frozen=True)
class Lessons:
    """The regions of the training images, and what their images carry."""

    descriptors: Tensor  # (images, regions, dims), as they are stored
    tags: Tensor  # multi-hot (images, tags)
    fold: np.ndarray  # of each image; -1 where there are none


def fit_namer(
    lessons: Lessons,
    csnet: CsnetSettings,
    recipe: Recipe,
    *,
    seed: int,
    device: str,
    track: Track,
) -> Namer:
    """Train the head on the cut-outs of training images, and one without each fold.

    Args:
        lessons: of the training images.
        csnet: which tag supervises which region, the dropout, and how many folds there are.
        recipe: of each head.
        seed: of weights and order.
        device: where it computes.
        track: shows the progress.
    """
    make_deterministic()

    def fit(rows: np.ndarray, label: str) -> TagHead:
        own = torch.from_numpy(rows)
        task = TagHeadTask(
            lessons.descriptors[own].float(),
            lessons.tags[own].float(),
            assign=ASSIGNMENTS[csnet.assignment],
            dropout=csnet.dropout,
            seed=seed,
        )
        train(task, len(rows), recipe, seed=seed, run=Run(device, track, label))
        return task.head.to(device).eval().requires_grad_(False)

    every = fit(np.arange(len(lessons.fold)), "regions: head")
    folds = [
        fit(np.flatnonzero(lessons.fold != number), f"regions: head without fold {number + 1}")
        for number in range(csnet.folds)
    ]
    return Namer(every, tuple(folds))


def about_head(image_size: int, batch_size: int, recipe: Recipe) -> dict[str, Any]:
    """Return what the file of a head says: how cut-outs are encoded, and how it was trained."""
    return {"image_size": image_size, "batch_size": batch_size, "recipe": asdict(recipe)}


def _named(head: TagHead, descriptors: Tensor) -> Tensor:
    found = [head(filled(some).float())[: len(some)] for some in torch.split(descriptors, BATCH)]
    return torch.cat(found)


def _arrays(head: TagHead, prefix: str) -> dict[str, np.ndarray]:
    return {prefix + name: value.cpu().numpy() for name, value in head.state_dict().items()}
