"""Semantic association reasoning: self-attention over the labels of one image (Sec. 3.4)."""

import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.methods.dlsa.settings import Reasoning as Settings
from pipeline_lib.nn.shapes import Float


class Reasoning(nn.Module):
    """Eqs. 4-6 and the two fully connected layers after them.

    Deviation: Eq. 4 as printed is a softmax of plain products; they are divided by the root of a
    head's width, as is usual, without which one label takes all the weight. Deviation:
    ``shortcut`` adds the input of the fully connected layers to their output; the text has none.
    """

    def __init__(self, dims: int, settings: Settings) -> None:
        super().__init__()
        heads, hidden = settings.heads, settings.hidden
        if dims % heads:
            raise InputError(
                f"training: {heads} heads for vectors of {dims} numbers, expected a divisor; "
                "change `reasoning.heads` or `labels.width`"
            )
        self.heads, self.shortcut = heads, settings.shortcut
        self.queries = nn.Linear(dims, dims, bias=False)
        self.keys = nn.Linear(dims, dims, bias=False)
        self.values = nn.Linear(dims, dims, bias=False)
        self.connected = nn.Sequential(nn.Linear(dims, hidden), nn.ReLU(), nn.Linear(hidden, dims))

    def forward(
        self, vectors: Float[Tensor, "batch labels dims"]
    ) -> Float[Tensor, "batch labels dims"]:
        """Return the vectors with what other labels say."""
        related = self.attended(vectors)
        high_order: Tensor = self.connected(related)
        return related + high_order if self.shortcut else high_order

    def attended(
        self, vectors: Float[Tensor, "batch labels dims"]
    ) -> Float[Tensor, "batch labels dims"]:
        """Eqs. 4-6: every head's mean of all labels, side by side, and a shortcut."""
        q, k, v = (
            layer(vectors).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for layer in (self.queries, self.keys, self.values)
        )
        told = F.scaled_dot_product_attention(q, k, v)  # (batch, heads, labels, dims of a head)
        return told.transpose(1, 2).flatten(2) + vectors
