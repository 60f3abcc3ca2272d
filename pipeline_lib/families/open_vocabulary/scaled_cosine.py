"""Scores of labels by name: cosines on a scale that is learned."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.nn.shapes import Float


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
        """Score every label.

        Args:
            vectors: one per label, or one that all labels are compared with; not normalised.
            texts: unit length.
        """
        # mixed precision would round cosines to 1/256, about what tells labels of an image apart
        with torch.autocast(vectors.device.type, enabled=False):
            wide = torch.promote_types(vectors.dtype, torch.float32)
            unit, texts = F.normalize(vectors.to(wide), dim=2), texts.to(wide)
            cosine = unit[:, 0] @ texts.T if vectors.shape[1] == 1 else (unit * texts).sum(2)
            return self.log_scale.exp() * cosine
