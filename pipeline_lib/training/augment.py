"""Random crops and mirror images, drawn on the CPU so that every device sees the same."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.determinism import generator

PADDING = 8  # a crop moves by at most 1/8 of the image's width, as 4 of 32 pixels on CIFAR


class Augmenter:
    """Augment batches; every epoch draws from a generator of its own, so that nothing is kept."""

    def __init__(self, kind: str, seed: int) -> None:
        self._kind, self._seed = kind, seed
        self._generator = generator("augment", seed)

    def begin_epoch(self, epoch: int) -> None:
        """Take the epoch's generator."""
        self._generator = generator("augment", self._seed, epoch)

    def __call__(
        self, images: Float[Tensor, "batch channels size size"]
    ) -> Float[Tensor, "batch channels size size"]:
        """Return the images, or feature maps, as ``augment`` does."""
        return augment(images, self._kind, self._generator)


def augment(
    images: Float[Tensor, "batch channels height width"], kind: str, generator: torch.Generator
) -> Float[Tensor, "batch channels height width"]:
    """Return randomly flipped ("flip") or also shifted ("crop_flip") images; "none" changes none.

    Pixels from outside are 0, the mean of normalised images.
    """
    if kind == "none":
        return images
    flipped = torch.rand(len(images), generator=generator) < 0.5
    images = torch.where(flipped.view(-1, 1, 1, 1).to(images.device), images.flip(3), images)
    return images if kind == "flip" else _shifted(images, generator)


def _shifted(
    images: Float[Tensor, "batch channels height width"], generator: torch.Generator
) -> Float[Tensor, "batch channels height width"]:
    size = images.shape[-1]
    pad = size // PADDING
    if pad == 0:
        raise InputError(
            f"training: `recipe.augment` is crop_flip, and inputs are {size} wide, of which a crop "
            f"moves by 1/{PADDING}: nothing; set it to flip or none"
        )
    padded = F.pad(images, (pad, pad, pad, pad))
    top, left = torch.randint(2 * pad + 1, (2, len(images)), generator=generator)
    steps = torch.arange(size)
    y = (top[:, None] + steps).to(images.device)  # (batch, size)
    x = (left[:, None] + steps).to(images.device)
    image = torch.arange(len(images), device=images.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[image, y[:, :, None], x[:, None, :]].permute(0, 3, 1, 2)
