"""Graphical smoothing (Eqs. 9-10) and its alternatives in Table 5.

A graph is one image (node 0) and its neighbours; nothing connects two images of a batch.

Deviation: Eq. 10 ends in a softmax, but its result is used as a feature; here there is none, the
width goes D → H → D, and a shortcut adds the input.
"""

import torch
from torch import Tensor, nn

from pipeline_lib.methods.csrms.settings import Gcn, Gnn, Knn, Smoothing, Star, TailGnn
from pipeline_lib.nn.graph import GraphConvolution, normalised, star, symmetric_knn
from pipeline_lib.nn.shapes import Float


class GraphicalSmoothing(nn.Module):
    """GCN: two graph convolutions over the image's own graph (Kipf and Welling 2017)."""

    def __init__(self, dims: int, hidden: int, topology: Knn | Star) -> None:
        super().__init__()
        self.convolution = GraphConvolution(dims, hidden)
        self.topology = topology

    def forward(self, nodes: Float[Tensor, "batch nodes dims"]) -> Float[Tensor, "batch dims"]:
        """Return F_g of node 0."""
        own = self.topology
        adjacency = symmetric_knn(nodes, k=own.k) if isinstance(own, Knn) else star(nodes)
        smoothed: Tensor = self.convolution(nodes, normalised(adjacency))
        return smoothed[:, 0]


class MeanSmoothing(nn.Module):
    """GNN: the feature plus a linear map of its neighbours' mean (Scarselli et al. 2008)."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.neighbours = nn.Linear(dims, dims, bias=False)
        nn.init.zeros_(self.neighbours.weight)

    def forward(self, nodes: Float[Tensor, "batch nodes dims"]) -> Float[Tensor, "batch dims"]:
        """Return F_g of node 0."""
        mapped: Tensor = self.neighbours(nodes[:, 1:].mean(1))
        return nodes[:, 0] + mapped


class TailSmoothing(nn.Module):
    """Tail-GNN (Liu et al., KDD 2021): the neighbourhood is completed before it is averaged.

    What is missing of a neighbourhood is predicted as m = h + r' − mean(neighbours), where the
    translation r is adapted to the node, r' = (1 + γ) ⊙ r + β with γ, β linear in (h, mean).

    Deviation: no adversarial training against head nodes, because here all nodes have the same
    number of neighbours.
    """

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.translation = nn.Parameter(torch.zeros(dims))
        self.adapt = nn.Linear(2 * dims, 2 * dims)
        self.neighbours = nn.Linear(dims, dims, bias=False)
        nn.init.zeros_(self.neighbours.weight)

    def forward(self, nodes: Float[Tensor, "batch nodes dims"]) -> Float[Tensor, "batch dims"]:
        """Return F_g of node 0."""
        own, others = nodes[:, 0], nodes[:, 1:]
        mean = others.mean(1)
        scale, shift = self.adapt(torch.cat([own, mean], 1)).chunk(2, 1)
        missing = own + (1 + scale) * self.translation + shift - mean
        completed = (others.sum(1) + missing) / nodes.shape[1]
        mapped: Tensor = self.neighbours(completed)
        return own + mapped


class NoSmoothing(nn.Module):
    """Leave the image's feature as it is."""

    def forward(self, nodes: Float[Tensor, "batch nodes dims"]) -> Float[Tensor, "batch dims"]:
        """Return node 0."""
        return nodes[:, 0]


def build(dims: int, settings: Smoothing) -> nn.Module:
    """Return the smoothing that the settings name; `JsLoss` smooths by a loss alone."""
    match settings:
        case Gcn():
            return GraphicalSmoothing(dims, settings.hidden, settings.topology)
        case Gnn():
            return MeanSmoothing(dims)
        case TailGnn():
            return TailSmoothing(dims)
        case _:
            return NoSmoothing()
