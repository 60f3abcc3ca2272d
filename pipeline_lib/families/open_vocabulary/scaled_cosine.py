"""Scores of labels by name: cosines on a scale that is learned."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.settings import Normalise
from pipeline_lib.nn.shapes import Float


def cosine(
    vectors: Float[Tensor, "batch views dims"], texts: Float[Tensor, "labels dims"]
) -> Float[Tensor, "batch labels"]:
    """Return the cosine of every label, in single precision at least.

    Mixed precision would round it to 1/256, about what tells labels of an image apart.

    Args:
        vectors: one per label, or one that all labels are compared with; not normalised.
        texts: unit length.
    """
    with torch.autocast(vectors.device.type, enabled=False):
        wide = torch.promote_types(vectors.dtype, torch.float32)
        unit, texts = F.normalize(vectors.to(wide), dim=2), texts.to(wide)
        return unit[:, 0] @ texts.T if vectors.shape[1] == 1 else (unit * texts).sum(2)


class ScaledCosine(nn.Module):
    """exp(s)·cos(v, t), as CLIP is trained with, and C2SRT scores with (Eq. 10).

    Deviation: C2SRT's scores are plain cosines. Those of one image differ by a few hundredths,
    which a hinge of margin 1 does not tell from 0; the scale starts at the model's own.
    """

    def __init__(self, start: float) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(start)))

    def forward(
        self, vectors: Float[Tensor, "batch views dims"], texts: Float[Tensor, "labels dims"]
    ) -> Float[Tensor, "batch labels"]:
        """Score every label; arguments are those of ``cosine``."""
        return self.log_scale.exp() * cosine(vectors, texts)


class Cosine(nn.Module):
    """The cosine without a scale, which a normalisation behind it would undo."""

    def forward(
        self, vectors: Float[Tensor, "batch views dims"], texts: Float[Tensor, "labels dims"]
    ) -> Float[Tensor, "batch labels"]:
        """Score every label; arguments are those of ``cosine``."""
        return cosine(vectors, texts)


def cosine_of(normalise: Normalise, scale: float) -> nn.Module:
    """Return the cosine for scores that are normalised so: with a scale where none undoes it."""
    return ScaledCosine(scale) if normalise == "none" else Cosine()
