"""Dense graphs, many small ones at once: adjacency, its normalisation, graph convolution."""

import torch
from torch import Tensor, nn

from pipeline_lib.nn.shapes import Float


def star(
    nodes: Float[Tensor, "batch nodes dims"],
) -> Float[Tensor, "batch nodes nodes"]:
    """Connect node 0 of each graph with all others."""
    batch, count, _ = nodes.shape
    adjacency = nodes.new_zeros(batch, count, count)
    adjacency[:, 0, 1:] = adjacency[:, 1:, 0] = 1
    return adjacency


def symmetric_knn(
    nodes: Float[Tensor, "batch nodes dims"], *, k: int
) -> Float[Tensor, "batch nodes nodes"]:
    """Connect two nodes of a graph if either is among the other's k nearest (Euclidean)."""
    count = nodes.shape[1]
    distance = torch.cdist(nodes.detach().float(), nodes.detach().float())
    distance = distance + torch.diag(distance.new_full((count,), torch.inf))
    nearest = distance.topk(min(k, count - 1), dim=2, largest=False).indices
    directed = torch.zeros_like(distance).scatter_(2, nearest, 1.0)
    return torch.maximum(directed, directed.transpose(1, 2)).to(nodes.dtype)


def normalised(
    adjacency: Float[Tensor, "batch nodes nodes"],
) -> Float[Tensor, "batch nodes nodes"]:
    """D^-1/2 (A + I) D^-1/2 with D the degrees of A + I (Kipf and Welling 2017, Eq. 2)."""
    looped = adjacency + torch.eye(adjacency.shape[1], device=adjacency.device)
    scale = looped.sum(2).rsqrt()
    return looped * scale[:, :, None] * scale[:, None, :]


class GraphConvolution(nn.Module):
    """X + Â ReLU(Â X W1) W0: two convolutions (Kipf and Welling 2017, Eq. 9) and a shortcut.

    W0 starts at zero, so that an untrained layer returns its input.
    """

    def __init__(self, dims: int, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(dims, hidden, bias=False)
        self.outer = nn.Linear(hidden, dims, bias=False)
        nn.init.zeros_(self.outer.weight)

    def forward(
        self,
        nodes: Float[Tensor, "batch nodes dims"],
        adjacency: Float[Tensor, "batch nodes nodes"],
    ) -> Float[Tensor, "batch nodes dims"]:
        """Smooth every node; ``adjacency`` is Â, already normalised."""
        hidden = torch.relu(adjacency @ self.inner(nodes))
        smoothed: Tensor = nodes + adjacency @ self.outer(hidden)
        return smoothed
