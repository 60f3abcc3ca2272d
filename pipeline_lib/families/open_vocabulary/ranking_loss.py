"""The pairwise ranking loss of open-vocabulary recognition, without its pairs.

C2SRT, Eq. 11; SigRL, Eq. 15; MKT (He et al., AAAI 2023). Written over pairs it needs C² numbers per
image; counting them in sorted scores takes C log C steps and gives the same value and gradient.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from pipeline_lib.nn.shapes import Bool, Float

Pairs = Literal["all", "violated"]


def pairwise_hinge(
    scores: Float[Tensor, "batch labels"],
    targets: Tensor,
    *,
    margin: float,
    pairs: Pairs = "all",
) -> Float[Tensor, ""]:
    """Mean over images of the mean over their pairs (p, n) of max(0, margin + s_n − s_p).

    Images without a positive or without a negative have no pair and do not count; if no image has
    one the loss is 0. At the kink, where a pair is violated by exactly 0, the gradient is 0, as
    that of torch's relu.

    Deviation: Eq. 11 of C2SRT prints the hinge with the opposite sign, and both papers sum over
    pairs; the mean per image makes the rate independent of how many labels an image has. The code
    of MKT and SigRL takes the mean over the pairs that are violated (``violated``): as scores
    spread, the loss keeps its weight against distillation, where over all pairs it fades.

    Args:
        scores: of any floating type; compared as they are, summed in double precision.
        targets: (batch, labels), multi-hot, of any type.
        margin: by which a positive should lead, in the unit of the scores.
        pairs: of which the mean is.
    """
    loss: Tensor = _PairwiseHinge.apply(scores, targets > 0, margin, pairs)
    return loss


class _PairwiseHinge(torch.autograd.Function):
    """The loss is piecewise linear: its value is the product of its gradient and the scores."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, scores: Tensor, positive: Tensor, margin: float, pairs: Pairs
    ) -> Tensor:
        shifted = torch.where(positive, scores, margin + scores).contiguous()
        violated = violations(shifted, positive)
        count = violated.clamp(min=0).sum(1) if pairs == "violated" else None
        slopes = violated / _pairs(positive, count)[:, None]
        ctx.save_for_backward(slopes.to(scores.dtype))
        return (slopes * shifted.double()).sum().to(scores.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor, None, None, None]:
        (slopes,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return grad * slopes, None, None, None


def violations(
    shifted: Float[Tensor, "batch labels"], positive: Bool[Tensor, "batch labels"]
) -> Float[Tensor, "batch labels"]:
    """Count for each label the labels it violates the order with; positives count negatively.

    ``shifted`` holds s_p of positives and margin + s_n of negatives. The pair is violated where
    the latter is strictly larger.
    """
    ascending, order = shifted.sort(1)
    is_positive = positive.gather(1, order)
    below = _before(is_positive).gather(1, torch.searchsorted(ascending, shifted))
    until = _before(~is_positive).gather(1, torch.searchsorted(ascending, shifted, right=True))
    above = (~positive).sum(1, keepdim=True) - until
    return torch.where(positive, -above, below).double()


def _before(kind: Bool[Tensor, "batch labels"]) -> Tensor:
    """Return how many of a kind come before each place, (batch, labels + 1)."""
    return F.pad(kind.cumsum(1), (1, 0))


def _pairs(
    positive: Bool[Tensor, "batch labels"], counted: Float[Tensor, " batch"] | None
) -> Float[Tensor, " batch"]:
    """Return by what each image's sum is divided: its pairs, times the images that have some.

    ``counted`` are the pairs that count of each image; None: all.
    """
    known = positive.sum(1).double()
    pairs = known * (positive.shape[1] - known)
    images = (pairs > 0).sum().clamp(min=1)
    # an image without pairs has no violations either
    return (pairs if counted is None else counted).clamp(min=1) * images
