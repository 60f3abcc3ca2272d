"""How well captions find their images."""

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Float, Int

AT = (1, 5, 10)  # an image is found where it is among so many first ones
TEXTS = 1024  # compared with all images at a time


def ranks(
    images: Float[Tensor, "images dims"],
    texts: Float[Tensor, "texts dims"],
    owners: Int[Tensor, " texts"],
) -> Int[Tensor, " texts"]:
    """Return the rank of each text's own image among all, from 0; of equal ones it is the last."""
    found = []
    for some, own in zip(torch.split(texts, TEXTS), torch.split(owners, TEXTS), strict=True):
        scores = some @ images.T
        found.append((scores >= scores.gather(1, own[:, None])).sum(1) - 1)
    return torch.cat(found)


def recalls(
    images: Float[Tensor, "images dims"],
    texts: Float[Tensor, "texts dims"],
    owners: Int[Tensor, " texts"],
) -> Float[Tensor, "images 3"]:
    """Return the share of each image's texts that find it among the first 1, 5 and 10.

    Each image has a text at least.
    """
    rank = ranks(images, texts, owners)
    hits = torch.stack([rank < most for most in AT], 1).to(images.dtype)
    sums = hits.new_zeros(len(images), len(AT)).index_add_(0, owners, hits)
    return sums / torch.bincount(owners, minlength=len(images))[:, None]
