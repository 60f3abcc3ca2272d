"""The distance losses of CSRMS: Eq. 14 (negatives), Eqs. 15-16 (classes), and Table 5's JS loss.

Deviation: the printed −log(μ θ / (d + θ)) grows with the distance d, so minimising it would draw
together what the text wants apart. "corrected" is −log(d / (d + θ)); "paper" is the printed form.
The factor μ only adds a constant and is left out.
"""

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Float

THETA = 1.0  # "a fixed parameter", not given
SMALLEST = 1e-6  # distance below which the corrected loss stops growing


def separation(distance: Float[Tensor, "*any"], *, sign: str) -> Float[Tensor, "*any"]:
    """−log(d / (d + θ)), or as printed −log(θ / (d + θ))."""
    if sign == "paper":
        return -torch.log(THETA / (distance + THETA))
    return -torch.log(distance.clamp(min=SMALLEST) / (distance + THETA))


def negative_loss(
    anchors: Float[Tensor, "batch dims"],
    negatives: Float[Tensor, "batch m dims"],
    *,
    sign: str,
) -> Float[Tensor, ""]:
    """Eq. 14, mean over the batch: d is the sum of the distances to an anchor's m negatives."""
    distance = _norm(anchors[:, None] - negatives).sum(1)
    return separation(distance, sign=sign).mean()


def inter_class_loss(
    aligned: Float[Tensor, "batch dims"],
    targets: Float[Tensor, "batch classes"],
    *,
    sign: str,
) -> Float[Tensor, ""]:
    """Eqs. 15-16: distances between the mean features F_v of the classes in the batch.

    Deviation: the mean over class pairs, not their sum, so that the weight of the term does not
    depend on how many classes a batch happens to hold. A batch of one class gives 0.
    """
    present = targets.sum(0) > 0
    if int(present.sum()) < 2:
        return aligned.sum() * 0
    share = targets[:, present] / targets[:, present].sum(0)
    means = share.T @ aligned  # (present, dims)
    a, b = torch.triu_indices(len(means), len(means), offset=1, device=means.device)
    return separation(_norm(means[a] - means[b]), sign=sign).mean()


def js_loss(
    anchors: Float[Tensor, "batch classes"], positives: Float[Tensor, "batch n classes"]
) -> Float[Tensor, ""]:
    """Mean Jensen-Shannon divergence (nats) between the posteriors of anchors and positives."""
    p, q = anchors[:, None].expand_as(positives), positives
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return divergence.mean()


def _relative_entropy(p: Float[Tensor, "*any"], q: Float[Tensor, "*any"]) -> Float[Tensor, "..."]:
    smallest = torch.finfo(p.dtype).tiny  # a posterior may round to 0, whose log has no gradient
    return (torch.xlogy(p, p.clamp(min=smallest)) - torch.xlogy(p, q.clamp(min=smallest))).sum(-1)


def _norm(difference: Float[Tensor, "*any dims"]) -> Float[Tensor, "*any"]:
    """Euclidean length with a gradient at 0."""
    return (difference.square().sum(-1) + SMALLEST**2).sqrt()
