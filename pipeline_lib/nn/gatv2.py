"""Graph attention with dynamic attention, GATv2 (Brody, Alon and Yahav, ICLR 2022).

paper (C2SRT, Supplement B.1)   here               shape
h_l                             nodes              (…, nodes, dims)
N_i                             neighbours         (nodes, most), one graph for all of …
W_left h_i                      self.target        (…, nodes, heads, out)
W_right h_j, W_out h_j          self.source        (…, nodes, heads, out)
a                               self.attend        (heads, out)
α_ij                            attention          (…, nodes, heads, 1 + most)
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.nn.neighbour_attention import heard
from pipeline_lib.nn.recording import images_at_hand
from pipeline_lib.nn.shapes import Float, Int

# Bytes that one chunk's gathered neighbours may take: a CPU's cache, and what keeps a GPU busy.
BUDGET = {"cpu": 16 * 2**20, "cuda": 256 * 2**20}


class GATv2(nn.Module):
    """One layer: every node takes an attentive mean of its neighbours and itself.

    With shared weights it equals ``torch_geometric.nn.GATv2Conv`` (``source`` is its ``lin_l``,
    ``target`` its ``lin_r``, ``attend`` its ``att``); like there W_out of Eq. 23 is W_right, and
    the activation is left to the caller. FFN_head of Eq. 21 would be a linear map before linear
    maps, so it is one with them.

    Node i receives from its own list of neighbours, so the graph is directed; -1 pads the lists.
    Neighbours are gathered for ``chunk`` nodes at a time (0: as many as fit ``BUDGET``) and again
    in the backward pass, so that memory does not grow with nodes × neighbours × out.
    """

    def __init__(
        self,
        dims: int,
        out: int,
        heads: int,
        *,
        concat: bool,
        slope: float,
        dropout: float,
        chunk: int,
    ) -> None:
        super().__init__()
        self.heads, self.concat, self.slope = heads, concat, slope
        self.dropout, self.chunk = dropout, chunk
        self.source = nn.Linear(dims, heads * out)
        self.target = nn.Linear(dims, heads * out)
        self.attend = nn.Parameter(torch.empty(heads, out))
        self.bias = nn.Parameter(torch.zeros(heads * out if concat else out))
        for weight in (self.source.weight, self.target.weight, self.attend):
            nn.init.xavier_uniform_(weight)  # as PyTorch Geometric starts

    def forward(
        self,
        nodes: Float[Tensor, "... nodes dims"],
        neighbours: Int[Tensor, "nodes most"] | None,
    ) -> Float[Tensor, "... nodes features"]:
        """Return heads side by side (``concat``) or their mean; None is the complete graph."""
        source, target = self._projected(nodes)
        if torch.is_grad_enabled():
            out = self._heard(source, target, neighbours)
        else:
            told = [
                self._mean(source, target[:, part], index)
                for part, index in self._chunks(source, neighbours)
            ]
            out = torch.cat(told, 1)  # (batch, nodes, heads, out)
        out = (out.flatten(2) if self.concat else out.mean(2)) + self.bias
        return out.view(*nodes.shape[:-1], -1)

    @torch.no_grad()
    def attention(
        self,
        nodes: Float[Tensor, "... nodes dims"],
        neighbours: Int[Tensor, "nodes most"] | None,
    ) -> Float[Tensor, "... nodes heads sources"]:
        """Return how much each node takes from itself, the first column, and its neighbours.

        In a complete graph the columns are all nodes in their order. Padding has weight 0.
        """
        source, target = self._projected(nodes)
        weights = [
            self._weights(_sources(source, index), target[:, part], index)
            for part, index in self._chunks(source, neighbours)
        ]
        found = torch.cat(weights, 1).transpose(2, 3)
        return found.reshape(*nodes.shape[:-1], *found.shape[2:])

    def _projected(self, nodes: Tensor) -> tuple[Tensor, Tensor]:
        flat = nodes.reshape(-1, *nodes.shape[-2:])
        source, target = (
            layer(flat).unflatten(2, (self.heads, -1)) for layer in (self.source, self.target)
        )
        return source, target

    def _chunks(
        self, source: Tensor, neighbours: Tensor | None
    ) -> Iterator[tuple[slice, Tensor | None]]:
        """Split the nodes; with each part come its rows of the neighbour table, self first."""
        _, nodes, heads, out = source.shape
        table = None if neighbours is None else with_self(neighbours.to(source.device))
        width = nodes if table is None else table.shape[1]
        budget = BUDGET.get(source.device.type, BUDGET["cuda"])
        fits = budget // max(
            1, images_at_hand(source) * width * heads * out * source.element_size()
        )
        size = self.chunk or max(1, fits)
        for start in range(0, nodes, size):
            part = slice(start, start + size)
            yield part, None if table is None else table[part]

    def _heard(self, source: Tensor, target: Tensor, neighbours: Tensor | None) -> Tensor:
        """Eq. 23 without σ, with a gradient."""
        table = None if neighbours is None else with_self(neighbours.to(source.device))
        kept = None
        if self.training and self.dropout:
            batch, nodes, heads, _ = source.shape
            ranks = nodes if table is None else table.shape[1]
            kept = F.dropout(source.new_ones(ranks, nodes, batch, heads), self.dropout)
        told = heard(
            source.transpose(0, 1).contiguous(),
            target.transpose(0, 1).contiguous(),
            self.attend,
            table,
            kept=kept,
            slope=self.slope,
            chunk=self.chunk,
        )
        return told.transpose(0, 1)

    def _mean(self, source: Tensor, target: Tensor, index: Tensor | None) -> Tensor:
        """Eq. 23 without σ for some nodes, as a few operations that exported networks hold."""
        sources = _sources(source, index)
        weights = self._weights(sources, target, index)
        return (weights[..., None] * sources).sum(2)  # faster than einsum, which copies

    def _weights(self, sources: Tensor, target: Tensor, index: Tensor | None) -> Tensor:
        """Eqs. 20 and 22: softmax over the sources of each node, (batch, chunk, sources, heads)."""
        activated = F.leaky_relu(sources + target[:, :, None], self.slope)
        scores = (activated * self.attend).sum(4)
        if index is not None:
            scores = scores.masked_fill((index < 0)[:, :, None], -torch.inf)
        return scores.softmax(2)


def with_self(neighbours: Int[Tensor, "nodes most"]) -> Int[Tensor, "nodes sources"]:
    """Put each node in front of its list; where that names the node itself, it is dropped."""
    own = torch.arange(len(neighbours), device=neighbours.device)[:, None]
    others = neighbours.long()
    return torch.cat([own, others.masked_fill(others == own, -1)], 1)


def _sources(source: Tensor, index: Tensor | None) -> Tensor:
    """Gather what each node hears, (batch, chunk, sources, heads, out); all of it if complete."""
    return source[:, None] if index is None else source[:, index.clamp(min=0)]
