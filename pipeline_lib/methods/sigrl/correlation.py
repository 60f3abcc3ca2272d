"""GMC: labels tell each other what they mean, before an image is seen (SigRL, Eqs. 2-4)."""

import math
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.methods.sigrl.settings import Correlation
from pipeline_lib.nn.gatv2 import GATv2, with_self
from pipeline_lib.nn.placebo import replaced
from pipeline_lib.nn.shapes import Float, Int


class LabelCorrelation(nn.Module):
    """Two GATv2 layers over the labels it is given, self-loops included.

    Over the complete graph and without a residual, as printed (``paper``), every label hears the
    same: attention at the start is flat, and after two layers Ĥ is one vector (spread 1e-7).
    Deviation: with ``residual`` what a label hears of its ``neighbours`` is added to its own vector
    through a gate per channel that starts at zero (LayerScale, Touvron et al., ICCV 2021, Eq. 4);
    and what all labels have in common, most of their length, is left out of what they say.

    Deviation: the text says "GAT"; its reference and the authors' code are GATv2. Dropout is, as in
    both papers, of each layer's input and of its attention. σ of Eq. 4 is an ELU after the first
    layer, none after the second, whose output stands beside vectors of either sign.
    """

    def __init__(self, dims: int, settings: Correlation) -> None:
        super().__init__()
        self._settings = settings
        self.dropout = nn.Dropout(settings.dropout)
        layer = partial(GATv2, slope=settings.slope, dropout=settings.dropout, chunk=settings.chunk)
        self.inner = layer(dims, settings.hidden, settings.heads, concat=True)
        self.outer = layer(settings.heads * settings.hidden, dims, 1, concat=False)
        self.gate = nn.Parameter(torch.zeros(dims)) if settings.form == "residual" else None

    def forward(self, texts: Float[Tensor, "labels dims"]) -> Float[Tensor, "labels dims"]:
        """Return Ĥ."""
        told = replaced(self.told(texts), self._settings.placebo, dim=0)
        return told if self.gate is None else texts + self.gate * told

    def told(self, texts: Float[Tensor, "labels dims"]) -> Float[Tensor, "labels dims"]:
        """Return what labels hear of each other."""
        found: Tensor = self.outer(self._hidden(texts), self._neighbours(texts))
        return found

    def attention(self, texts: Float[Tensor, "labels dims"]) -> Float[Tensor, "labels labels"]:
        """Return how much each label (row) takes from every other in the last layer."""
        lists = self._neighbours(texts)
        attention: Tensor = self.outer.attention(self._hidden(texts), lists).squeeze(1)  # one head
        if lists is None:
            return attention
        sources, found = with_self(lists), texts.new_zeros(len(texts), len(texts))
        return found.scatter_add_(1, sources.clamp(min=0), attention)  # padding has weight 0

    def _hidden(self, texts: Tensor) -> Tensor:
        told = self.inner(self.dropout(self._nodes(texts)), self._neighbours(texts))
        hidden: Tensor = self.dropout(F.elu(told))
        return hidden

    def _nodes(self, texts: Tensor) -> Tensor:
        """Return what the first layer reads: texts, or their own part with entries of about 1."""
        if self.gate is None:
            return texts
        return (texts - texts.mean(0)) * math.sqrt(texts.shape[1])

    def _neighbours(self, texts: Tensor) -> Int[Tensor, "labels most"] | None:
        """Return the labels of the call whose vectors are nearest to each, nearest first."""
        most = min(self._settings.neighbours, len(texts) - 1)
        if self._settings.neighbours == 0:
            return None
        with torch.no_grad():
            unit = F.normalize(texts, dim=1)
            itself = torch.eye(len(texts), dtype=torch.bool, device=texts.device)
            near = (unit @ unit.T).masked_fill(itself, -torch.inf)
            return near.topk(most, dim=1).indices
