"""Masks of a graph, and its causal and non-causal half (Eqs. 10-11).

paper        here                 shape
M_X          Masks.nodes          (batch, nodes), 1 is causal
M_A          Masks.edges          (batch, nodes, nodes)
G_c, G_n     of ``halves``        nodes and edges of each
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline_lib.nn.shapes import Bool, Float

Half = tuple[Tensor, Tensor]
"""Nodes (batch, nodes, width) and edges (batch, nodes, nodes)."""


@dataclass(frozen=True)
class Masks:
    """How causal each node and each edge is, 0…1; 1 minus it is the other half."""

    nodes: Float[Tensor, "batch nodes"]
    edges: Float[Tensor, "batch nodes nodes"]


class Masking(nn.Module):
    """Learn which nodes and edges are causal, from what the nodes are.

    An edge has no direction, so its two ends are treated alike.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.node = nn.Linear(width, 2)
        self.edge = nn.Linear(width, 2)

    def forward(self, nodes: Float[Tensor, "batch nodes width"]) -> Masks:
        """Return the weight of channel 0, the causal one, after a softmax over both."""
        ends = self.edge(nodes)
        edges = ends[:, :, None] + ends[:, None, :]  # a linear map of both ends, (…, 2)
        return Masks(self.node(nodes).softmax(2)[..., 0], edges.softmax(3)[..., 0])


class Normalisation(nn.Module):
    """Standardise the nodes that are there, over the batch; those that are not are 0.

    It has no scale and no shift of its own: the mean node is 0 and deviations are 1, however large
    a training would make nodes, so that noise of unit deviation hides a node.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width, affine=False)

    def forward(
        self, nodes: Float[Tensor, "batch nodes width"], there: Bool[Tensor, "batch nodes"]
    ) -> Float[Tensor, "batch nodes width"]:
        """Return (x - mean) / deviation of each node that is there."""
        scaled = torch.zeros_like(nodes)
        scaled[there] = self.norm(nodes[there])
        return scaled


def halves(
    nodes: Float[Tensor, "batch nodes width"],
    adjacency: Float[Tensor, "batch nodes nodes"],
    masks: Masks,
    stand_in: Callable[[Tensor], Tensor] = torch.zeros_like,
) -> tuple[Half, Half]:
    """Eqs. 10-11: nodes and edges of the causal and of the non-causal graph; loops stay whole.

    Deviation: the text scales nodes by their masks, X ⊙ M, which is 0 for a ``stand_in``. A soft
    mask takes nothing away: whoever reads a half by a linear map reads faint nodes as well as
    strong ones. With noise for a ``stand_in`` what a mask removes is replaced,
    M ⊙ X + (1 - M) ⊙ (mean + noise), and drowns; the mean of normalised nodes is 0.

    Args:
        nodes: normalised.
        adjacency: 0 or 1.
        masks: of both.
        stand_in: what stands in the place of what is removed, drawn anew for each half.
    """
    share = masks.nodes[:, :, None]
    causal = share * nodes + (1 - share) * stand_in(nodes), adjacency * masks.edges
    other = (1 - share) * nodes + share * stand_in(nodes), adjacency * (1 - masks.edges)
    return causal, other
