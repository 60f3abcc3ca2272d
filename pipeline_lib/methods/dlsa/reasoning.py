"""Semantic association reasoning: self-attention over the labels of one image (Sec. 3.4)."""

import math

import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.methods.dlsa.settings import Reasoning as Settings
from pipeline_lib.nn.placebo import replaced
from pipeline_lib.nn.shapes import Float


class Attention(nn.Module):
    """Eqs. 4 and 5: what each label takes from all labels of its image, head beside head.

    Deviation: Eq. 4 as printed is a softmax of plain products, which ``paper`` keeps; ``root``
    divides them by the root of a head's width, as is usual, without which one label takes all the
    weight.
    """

    def __init__(self, dims: int, settings: Settings) -> None:
        super().__init__()
        self.heads, self.mean = settings.heads, settings.placebo == "mean"
        self.scale = 1.0 if settings.scale == "paper" else 1 / math.sqrt(dims // settings.heads)
        self.queries = nn.Linear(dims, dims, bias=False)
        self.keys = nn.Linear(dims, dims, bias=False)
        self.values = nn.Linear(dims, dims, bias=False)

    def forward(
        self, vectors: Float[Tensor, "batch labels dims"]
    ) -> Float[Tensor, "batch labels dims"]:
        """Return Σ_o α_no W_v v_o of every head; of a placebo the mean of all labels' for each."""
        q, k, v = (self._split(one, vectors) for one in (self.queries, self.keys, self.values))
        told = F.scaled_dot_product_attention(q, k, v, scale=self.scale).transpose(1, 2).flatten(2)
        return replaced(told, "mean" if self.mean else "none", dim=1)

    def weights(
        self, vectors: Float[Tensor, "batch labels dims"]
    ) -> Float[Tensor, "batch heads labels labels"]:
        """Eq. 4: α, a row per label, summing to 1; to look at, since Eq. 5 needs no copy of it."""
        q, k = self._split(self.queries, vectors), self._split(self.keys, vectors)
        return (self.scale * q @ k.transpose(2, 3)).softmax(3)

    def _split(self, layer: nn.Module, vectors: Tensor) -> Tensor:
        """Return (batch, heads, labels, dims of a head)."""
        split: Tensor = layer(vectors).unflatten(2, (self.heads, -1)).transpose(1, 2)
        return split


def plain_layers(dims: int) -> nn.Sequential:
    """Return what stands in the place of attention: no label hears of another.

    W_q, W_k and W_v are 3 dims² numbers; two layers have as many with 3/2 dims between them (dims
    fewer where dims is odd). What they save is the products of labels with labels.
    """
    between = 3 * dims // 2
    return nn.Sequential(
        nn.Linear(dims, between, bias=False), nn.ReLU(), nn.Linear(between, dims, bias=False)
    )


class Reasoning(nn.Module):
    """Eqs. 4-6 and the two fully connected layers after them.

    Deviation: ``shortcut`` adds the input of the fully connected layers to their output; the text
    has none.
    """

    def __init__(self, dims: int, settings: Settings) -> None:
        super().__init__()
        if dims % settings.heads:
            raise InputError(
                f"training: {settings.heads} heads for vectors of {dims} numbers, expected a "
                "divisor; change `reasoning.heads` or `labels.width`"
            )
        self.shortcut = settings.shortcut
        alone = settings.placebo == "layers"
        self.told: nn.Module = plain_layers(dims) if alone else Attention(dims, settings)
        self.connected = nn.Sequential(
            nn.Linear(dims, settings.hidden), nn.ReLU(), nn.Linear(settings.hidden, dims)
        )

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
        """Eq. 6: what the labels are told, and a residual."""
        told: Tensor = self.told(vectors)
        return told + vectors
