"""A gated graph network over one fixed graph (Li et al., ICLR 2016), as SSGRL uses it."""

import torch
from torch import Tensor, nn

from pipeline_lib.nn.shapes import Float


class GatedGraph(nn.Module):
    """Pass messages ``steps`` times, each node deciding by gates what it takes (SSGRL, Eq. 6)."""

    adjacency: Tensor

    def __init__(self, adjacency: Float[Tensor, "nodes nodes"], *, dims: int, steps: int) -> None:
        super().__init__()
        self.register_buffer("adjacency", adjacency)
        self.steps = steps
        # W^z, W^r and W side by side, for messages along and against the edges; U^z and U^r
        self.of_messages = nn.Linear(2 * dims, 3 * dims)
        self.of_gates = nn.Linear(dims, 2 * dims, bias=False)
        self.of_reset = nn.Linear(dims, dims, bias=False)  # U

    def forward(
        self, nodes: Float[Tensor, "batch nodes dims"]
    ) -> Float[Tensor, "batch nodes dims"]:
        """Return the last states of nodes whose first states are given."""
        for _ in range(self.steps):
            nodes = self._step(nodes)
        return nodes

    def _step(self, nodes: Tensor) -> Tensor:
        messages = torch.cat([self.adjacency @ nodes, self.adjacency.T @ nodes], 2)
        update, reset, candidate = self.of_messages(messages).chunk(3, 2)
        u_update, u_reset = self.of_gates(nodes).chunk(2, 2)
        z, r = (update + u_update).sigmoid(), (reset + u_reset).sigmoid()
        candidate = (candidate + self.of_reset(r * nodes)).tanh()
        states: Tensor = (1 - z) * nodes + z * candidate
        return states
