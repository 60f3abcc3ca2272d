"""From scores that only rank to logits."""

import math

import torch
from torch import Tensor, nn

from pipeline_lib.families.open_vocabulary.settings import Learned
from pipeline_lib.nn.shapes import Float


class ScoreScale(nn.Module):
    """Return exp(a)·s + b of every score, with a and b learned (SigLIP: Zhai et al., ICCV 2023).

    Cosines and scores of unit length are too small for the sigmoid to say yes or no. One scale for
    all entries changes no order, so no ranking metric. As there b starts below zero (``shift``):
    most entries are negative, and a net that has to say so by its features alone forgets what it
    knew before b has caught up.
    """

    def __init__(self, settings: Learned) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(settings.start)))
        self.shift = nn.Parameter(torch.tensor(settings.shift))
        self.lr_factor = settings.lr_factor

    def forward(self, scores: Float[Tensor, "batch labels"]) -> Float[Tensor, "batch labels"]:
        """Return logits."""
        return self.log_scale.exp() * scores + self.shift
