"""Random crops and mirror images, drawn on the CPU so that every device sees the same."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.nn.shapes import Float

PADDING = 8  # a crop moves by at most 1/8 of the image's width, as 4 of 32 pixels on CIFAR


def augment(
    images: Float[Tensor, "batch 3 size size"], kind: str, generator: torch.Generator
) -> Float[Tensor, "batch 3 size size"]:
    """Return randomly flipped ("flip") or also shifted ("crop_flip") images; "none" changes none.

    Pixels from outside are 0, the mean of normalised images.
    """
    if kind == "none":
        return images
    flipped = torch.rand(len(images), generator=generator) < 0.5
    images = torch.where(flipped.view(-1, 1, 1, 1).to(images.device), images.flip(3), images)
    return images if kind == "flip" else _shifted(images, generator)


def _shifted(
    images: Float[Tensor, "batch 3 size size"], generator: torch.Generator
) -> Float[Tensor, "batch 3 size size"]:
    size = images.shape[-1]
    pad = size // PADDING
    padded = F.pad(images, (pad, pad, pad, pad))
    top, left = torch.randint(2 * pad + 1, (2, len(images)), generator=generator)
    steps = torch.arange(size)
    y = (top[:, None] + steps).to(images.device)  # (batch, size)
    x = (left[:, None] + steps).to(images.device)
    image = torch.arange(len(images), device=images.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[image, y[:, :, None], x[:, None, :]].permute(0, 3, 1, 2)
