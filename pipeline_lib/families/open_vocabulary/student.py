"""The image tower that is trained, and the frozen one that it starts as."""

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.settings import Student as Settings
from pipeline_lib.nn.shapes import Float
from pipeline_lib.nn.towers import Seen
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.loop import processes
from pipeline_lib.training.trunk import still

BATCH = 64  # images that are encoded at a time


class Student(nn.Module):
    """An image tower of which the last blocks, and what follows them, are trained.

    What is not trained runs in evaluation mode, its batch norms included. What follows the last
    block has the learning rate of new modules, the last block ``layer_decay`` times that, and so
    on towards the stem, as BEiT, MKT and SigRL are fine-tuned.
    """

    def __init__(self, visual: nn.Module, settings: Settings) -> None:
        super().__init__()
        self.visual = deepcopy(visual)
        self._settings = settings
        blocks: list[list[str]] = self.visual.blocks()  # type: ignore[operator]
        if settings.trained_blocks > len(blocks):
            raise InputError(
                f"training: `student.trained_blocks` is {settings.trained_blocks}, expected at "
                f"most {len(blocks)}, the blocks of the image tower (of maps, what follows them); "
                "lower it"
            )
        self._trained = blocks[len(blocks) - settings.trained_blocks :]
        self.visual.requires_grad_(False)
        for name in self.trained_names:
            self.visual.get_parameter(name).requires_grad_(True)
        if settings.checkpointing and self._trained:
            self.visual.checkpoint()  # type: ignore[operator]
        self._still = list(still(self.visual))

    @property
    def trained_names(self) -> list[str]:
        """The names of what is trained."""
        return [name for names in self._trained for name in names]

    def train(self, mode: bool = True) -> "Student":
        """Set the mode of what is trained; the rest stays in evaluation mode."""
        super().train(mode)
        for module in self._still:
            module.eval()
        return self

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Seen:
        """Encode images, or read maps of them."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and bool(self._trained)):
            found: Seen = self.visual(images)
        return found

    def groups(self) -> list[dict[str, Any]]:
        """Return what is trained, by its factor of the learning rate."""
        head: set[str] = set(self.visual.behind_blocks())  # type: ignore[operator]
        depth, decay = len(self._trained), self._settings.layer_decay
        by_scale = [
            (decay ** (depth - place), [name for name in names if name not in head])
            for place, names in enumerate(self._trained)
        ]
        by_scale.append((1.0, [name for name in self.trained_names if name in head]))
        return [
            {"params": [self.visual.get_parameter(name) for name in names], "lr_scale": scale}
            for scale, names in by_scale
            if names
        ]


class Teacher:
    """Pooled vectors of the tower as it was.

    It is no part of any module: nothing of it is trained or kept in a checkpoint. Where images do
    not vary between epochs, each is encoded once, in batches that no interruption changes.
    """

    def __init__(self, visual: nn.Module, pictures: Pictures[Tensor], *, varied: bool) -> None:
        self._visual = visual.eval()
        self._known: Tensor | None = None
        self.encoded = 0 if varied else len(pictures) * processes()  # images, before training
        if not varied:
            self._known = torch.cat([self._encode(b) for b in pictures.batches(BATCH)])

    def pooled(
        self, positions: Tensor, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch dims"]:
        """Return the vectors of the images at ``positions``."""
        if self._known is None:
            return self._encode(images)
        return self._known[positions.to(self._known.device)]

    @torch.no_grad()
    def _encode(self, images: Tensor) -> Tensor:
        found: Seen = self._visual(images)
        return found.pooled.float()
