"""What a module learned, replaced: a run at equal cost in which it cannot have helped.

Whoever adds a module adds parameters, a pass and a chance; a gain over the network without it does
not say that the mechanism works. The placebo keeps all of that and replaces what the mechanism
alone could know: a label's message by the mean of all, by another label's, by another image's.
"""

from typing import Literal

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Int

Placebo = Literal["none", "mean", "lot", "another"]
"""``mean``: over the dimension; ``lot``: of another of it, drawn once; ``another``: of the image
before it in the batch, which has to be one drawn by lot (`Pictures.by_lot`)."""


def replaced(values: Tensor, placebo: Placebo, *, dim: int) -> Tensor:
    """Return ``values`` as they are ("none"), or what stands in their place.

    Args:
        values: of a batch of images, the first dimension, where ``another`` is asked for.
        placebo: what replaces them.
        dim: of what knows something: of labels, regions, nodes.
    """
    match placebo:
        case "mean":
            return values.mean(dim, keepdim=True).expand_as(values)
        case "lot":
            return values.index_select(dim, lot(values.shape[dim]).to(values.device))
        case "another":
            return values.roll(1, 0)
        case _:
            return values


def lot(count: int) -> Int[Tensor, " count"]:
    """Return an order of ``count`` things in which none stays, the same in every call.

    One thing alone stays where it is.
    """
    order = shuffled(count)
    found = torch.empty_like(order)
    found[order] = order.roll(1)  # one cycle through all: each gets another's
    return found


def shuffled(count: int) -> Int[Tensor, " count"]:
    """Return an order of ``count`` things drawn by lot, the same in every call."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(count))
