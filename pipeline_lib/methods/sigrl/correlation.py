"""GMC: labels tell each other what they mean, before an image is seen (SigRL, Eqs. 2-4)."""

from functools import partial

import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.methods.sigrl.settings import Correlation
from pipeline_lib.nn.gatv2 import GATv2
from pipeline_lib.nn.shapes import Float


class LabelCorrelation(nn.Module):
    """Two GATv2 layers over the complete graph of the labels it is given, self-loops included.

    Deviation: the text says "GAT"; its reference and the authors' code are GATv2. Dropout is, as in
    both papers, of each layer's input and of its attention. σ of Eq. 4 is an ELU after the first
    layer, none after the second, whose output stands beside vectors of either sign.
    """

    def __init__(self, dims: int, settings: Correlation) -> None:
        super().__init__()
        self.dropout = nn.Dropout(settings.dropout)
        layer = partial(GATv2, slope=settings.slope, dropout=settings.dropout, chunk=settings.chunk)
        self.inner = layer(dims, settings.hidden, settings.heads, concat=True)
        self.outer = layer(settings.heads * settings.hidden, dims, 1, concat=False)

    def forward(self, texts: Float[Tensor, "labels dims"]) -> Float[Tensor, "labels dims"]:
        """Return Ĥ."""
        enriched: Tensor = self.outer(self._hidden(texts), None)
        return enriched

    def attention(self, texts: Float[Tensor, "labels dims"]) -> Float[Tensor, "labels labels"]:
        """Return how much each label (row) takes from every other in the last layer."""
        attention: Tensor = self.outer.attention(self._hidden(texts), None)
        return attention.squeeze(1)  # its only head

    def _hidden(self, texts: Tensor) -> Tensor:
        hidden: Tensor = self.dropout(F.elu(self.inner(self.dropout(texts), None)))
        return hidden
