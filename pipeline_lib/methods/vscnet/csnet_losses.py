"""The losses that train CSNet (Eqs. 3, 4 and 15)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.nn.shapes import Float, Int

UNSUPERVISED = -1


def tag_loss(
    logits: Float[Tensor, "batch steps tags"], assigned: Int[Tensor, "batch steps"]
) -> Float[Tensor, ""]:
    """The tag term of Eq. 3: cross-entropy of each step with the tag it was given.

    The mean over the supervised steps; 0 where there is none.
    """
    total = F.cross_entropy(
        logits.flatten(0, 1), assigned.flatten(), ignore_index=UNSUPERVISED, reduction="sum"
    )
    return total / (assigned != UNSUPERVISED).sum().clamp(min=1)


def locating_loss(theta: Float[Tensor, "batch steps 2 3"]) -> Float[Tensor, ""]:
    """Eq. 4: boxes of an image keep apart and upright; the mean over images and steps.

    exp(-|θ13 - mean θ13| - |θ23 - mean θ23|) + |θ12| + |θ21|
    """
    shift = theta[..., 2]  # (batch, steps, 2)
    apart = (shift - shift.mean(1, keepdim=True)).abs().sum(2)
    turned = theta[..., 0, 1].abs() + theta[..., 1, 0].abs()
    return ((-apart).exp() + turned).mean()


def scale_loss(
    theta: Float[Tensor, "batch steps 2 3"], *, smallest: float, largest: float
) -> Float[Tensor, ""]:
    """How far the scales |θ11| and |θ22| lie outside the bounds, on average.

    Deviation: the text names an upper bound of 0.2 and a lower one of 0.8; the order is reversed
    here. A hinge and not a clamp, which would stop the gradient that brings a box back.
    """
    scale = torch.stack([theta[..., 0, 0], theta[..., 1, 1]], -1).abs()
    return ((smallest - scale).relu() + (scale - largest).relu()).mean()


def inside_loss(theta: Float[Tensor, "batch steps 2 3"]) -> Float[Tensor, ""]:
    """How far boxes reach beyond the image, on average.

    Deviation: not in the paper, whose Eq. 4 drives boxes apart without end: where nothing holds
    them they leave the image.
    """
    reach = theta[..., 2].abs() + theta[..., :2].abs().sum(-1)
    return (reach - 1).relu().mean()
