"""One linear classifier per label, each for the label's own vector."""

import math

import torch
from torch import Tensor, nn

from pipeline_lib.nn.shapes import Float


class LabelClassifier(nn.Module):
    """y_c = ⟨w_c, v_c⟩ + b_c; starts like ``nn.Linear(dims, labels)``."""

    def __init__(self, labels: int, dims: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(dims)
        self.weight = nn.Parameter(torch.empty(labels, dims).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(labels).uniform_(-bound, bound))

    def forward(self, vectors: Float[Tensor, "batch labels dims"]) -> Float[Tensor, "batch labels"]:
        """Return the logit of every label."""
        return torch.einsum("bcd,cd->bc", vectors, self.weight) + self.bias
