"""What nodes hear from those in their lists, and its gradient, without a tensor over all edges.

Eqs. 20, 22 and 23 of C2SRT's Supplement B.1 without σ. Sources are looked at one rank of the lists
after the other, for some nodes at a time, in buffers that are used again: elementwise operations on
a tensor over all edges wait for memory, those on a processor's cache do not. Nodes are the first
axis, so that gathering rows copies, and adding to them adds, what lies in one piece.

here        shape
source      (nodes, batch, heads, out), W_right h_j, what is told
target      (nodes, batch, heads, out), W_left h_i
attend      (heads, out), a
table       (nodes, sources), whom each node hears; -1 pads; None: the complete graph
kept        (sources, nodes, batch, heads), by what dropout multiplies α, or None
"""

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from pipeline_lib.nn.shapes import Float, Int

# Bytes of what is gathered at a time: half of a CPU core's cache, and what keeps a GPU busy.
BUDGET = {"cpu": 2**20, "cuda": 256 * 2**20}


def heard(
    source: Float[Tensor, "nodes batch heads out"],
    target: Float[Tensor, "nodes batch heads out"],
    attend: Float[Tensor, "heads out"],
    table: Int[Tensor, "nodes sources"] | None,
    *,
    kept: Float[Tensor, "sources nodes batch heads"] | None,
    slope: float,
    chunk: int,
) -> Float[Tensor, "nodes batch heads out"]:
    """Return Σ_j α_ij W_right h_j of every node i, in the wider type of ``source`` and ``attend``.

    ``chunk`` nodes at a time, 0: as many as fit a budget; that changes no value. The gradient is
    computed from what was given and α, and cannot be differentiated again.
    """
    wide = torch.promote_types(source.dtype, attend.dtype)
    settings = (slope, chunk)
    found: Tensor = _Heard.apply(source.to(wide), target.to(wide), attend, table, kept, settings)
    return found


class _Heard(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        source: Tensor,
        target: Tensor,
        attend: Tensor,
        table: Tensor | None,
        kept: Tensor | None,
        settings: tuple[float, int],
    ) -> Tensor:
        slope, chunk = settings
        out = torch.zeros_like(target)
        alphas = source.new_empty(_ranks(source, table), *source.shape[:3])
        with torch.autocast(source.device.type, enabled=False):
            for part, lists in _parts(source, table, chunk):
                own, told, scores = target[part], out[part], alphas[:, part]
                gathered = torch.empty_like(own)
                for rank, score in enumerate(scores):
                    lists.gather(source, rank, gathered)
                    F.leaky_relu_(gathered.add_(own), slope)
                    score.copy_(_dot(gathered, attend))
                lists.mask(scores)
                scores.copy_(scores.softmax(0))
                weights = scores if kept is None else scores * kept[:, part]
                for rank, weight in enumerate(weights):
                    lists.gather(source, rank, gathered)
                    told.addcmul_(gathered, weight[..., None])
        ctx.save_for_backward(source, target, attend, table, kept, alphas)
        ctx.settings = settings
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        source, target, attend, table, kept, alphas = ctx.saved_tensors
        slope, chunk = ctx.settings
        of_source, of_target = torch.zeros_like(source), torch.zeros_like(target)
        of_attend = torch.zeros_like(attend)
        with torch.autocast(source.device.type, enabled=False):
            for part, lists in _parts(source, table, chunk):
                own, of_own, alpha = target[part], of_target[part], alphas[:, part]
                grad = grads[0][part].contiguous()
                gathered, found = torch.empty_like(own), torch.empty_like(own)
                of_alpha = torch.empty_like(alpha)
                for rank, of_one in enumerate(of_alpha):
                    lists.gather(source, rank, gathered)
                    torch.sum(gathered.mul_(grad), 3, out=of_one)
                weights = alpha if kept is None else alpha * kept[:, part]
                if kept is not None:
                    of_alpha *= kept[:, part]
                of_scores = alpha * (of_alpha - (alpha * of_alpha).sum(0))
                for rank, of_score in enumerate(of_scores):
                    lists.gather(source, rank, gathered)
                    gathered.add_(own)
                    torch.mul(of_score[..., None], attend, out=found)
                    _leaky_backward_(found, gathered, slope)
                    of_own += found
                    of_attend += _pooled(of_score, F.leaky_relu_(gathered, slope))
                    found.addcmul_(weights[rank, ..., None], grad)
                    lists.add(found, rank, of_source)
        return of_source, of_target, of_attend, None, None, None


class _Lists:
    """Whom some nodes hear, by rank: the complete graph's ranks are the nodes in their order."""

    def __init__(self, rows: Tensor | None) -> None:
        self._padded = None if rows is None else (rows < 0).T[..., None, None]
        # Padding names node 0, and weighs nothing.
        self._rows = None if rows is None else rows.clamp(min=0).T.contiguous()

    def gather(self, source: Tensor, rank: int, into: Tensor) -> None:
        """Put what those at ``rank`` tell into a buffer."""
        if self._rows is None:
            into.copy_(source[rank].expand_as(into))
        else:
            torch.index_select(source, 0, self._rows[rank], out=into)

    def add(self, found: Tensor, rank: int, into: Tensor) -> None:
        """Add what was found for those at ``rank`` to their rows."""
        if self._rows is None:
            into[rank] += found.sum(0)
        else:
            into.index_add_(0, self._rows[rank], found)

    def mask(self, scores: Tensor) -> None:
        """Let nobody hear padding."""
        if self._padded is not None:
            scores.masked_fill_(self._padded, -torch.inf)


def _ranks(source: Tensor, table: Tensor | None) -> int:
    return len(source) if table is None else table.shape[1]


def _parts(source: Tensor, table: Tensor | None, chunk: int) -> Iterator[tuple[slice, _Lists]]:
    """Yield nodes that are looked at together, and their lists."""
    budget = BUDGET.get(source.device.type, BUDGET["cuda"])
    size = chunk or max(1, budget // max(1, source[0].numel() * source.element_size()))
    for start in range(0, len(source), size):
        part = slice(start, start + size)
        yield part, _Lists(None if table is None else table[part])


def _dot(features: Tensor, attend: Tensor) -> Tensor:
    """Return the products over the last axis; matrices are read in place."""
    by_head = features.flatten(0, 1).transpose(0, 1)  # (heads, nodes · batch, out)
    return torch.bmm(by_head, attend[..., None]).squeeze(2).T.view(features.shape[:3])


def _pooled(scores: Tensor, features: Tensor) -> Tensor:
    """Return the sum over all but heads of scores times what they weigh, (heads, out)."""
    by_head = features.flatten(0, 1).transpose(0, 1)
    return torch.bmm(scores.flatten(0, 1).T[:, None], by_head).squeeze(1)


def _leaky_backward_(grad: Tensor, before: Tensor, slope: float) -> None:
    torch.ops.aten.leaky_relu_backward.grad_input(grad, before, slope, False, grad_input=grad)
