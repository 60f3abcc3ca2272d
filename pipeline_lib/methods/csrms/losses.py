"""The distance losses of CSRMS: Eq. 14 (negatives), Eqs. 15-16 (classes), and Table 5's JS loss.

Deviation: the printed −log(μ θ / (d + θ)) grows with the distance d, so minimising it would draw
together what the text wants apart. "corrected" is −log(d / (d + θ)); "paper" is the printed form.
The factor μ only adds a constant and is left out.

Deviation: the paper does not say what its features are scaled to, nor θ. As an encoder gives them,
their lengths alone decide: distances far below θ pull with many times the force of the
cross-entropy, which then inflates the features until distances far above θ pull no more. On unit
features (`distance.normalise`) only directions count.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.methods.csrms.settings import Distance
from pipeline_lib.nn.shapes import Float

SMALLEST = 1e-6  # distance below which the corrected loss stops growing


def separation(
    distance: Float[Tensor, "*any"], *, sign: str, theta: float
) -> Float[Tensor, "*any"]:
    """−log(d / (d + θ)), or as printed −log(θ / (d + θ))."""
    if sign == "paper":
        return -torch.log(theta / (distance + theta))
    return -torch.log(distance.clamp(min=SMALLEST) / (distance + theta))


def negative_loss(
    anchors: Float[Tensor, "batch dims"],
    negatives: Float[Tensor, "batch m dims"],
    *,
    sign: str,
    measured: Distance,
) -> Float[Tensor, ""]:
    """Eq. 14, mean over the batch: d is the sum of the distances to an anchor's m negatives."""
    anchors, negatives = _scaled(anchors, measured), _scaled(negatives, measured)
    distance = _norm(anchors[:, None] - negatives).sum(1)
    return separation(distance, sign=sign, theta=measured.theta).mean()


def inter_class_loss(
    aligned: Float[Tensor, "batch dims"],
    targets: Float[Tensor, "batch classes"],
    *,
    sign: str,
    measured: Distance,
) -> Float[Tensor, ""]:
    """Eqs. 15-16: distances between the mean features F_v of the classes in the batch.

    Deviation: the mean over class pairs, not their sum, so that the weight of the term does not
    depend on how many classes a batch happens to hold. A batch of one class gives 0.
    """
    present = targets.sum(0) > 0
    if int(present.sum()) < 2:
        return aligned.sum() * 0
    share = targets[:, present] / targets[:, present].sum(0)
    means = share.T @ _scaled(aligned, measured)  # (present, dims)
    a, b = torch.triu_indices(len(means), len(means), offset=1, device=means.device)
    distance = _norm(means[a] - means[b])
    return separation(distance, sign=sign, theta=measured.theta).mean()


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


def _scaled(features: Float[Tensor, "*any dims"], measured: Distance) -> Float[Tensor, "*any dims"]:
    return F.normalize(features, dim=-1) if measured.normalise else features


def _norm(difference: Float[Tensor, "*any dims"]) -> Float[Tensor, "*any"]:
    """Euclidean length with a gradient at 0."""
    return (difference.square().sum(-1) + SMALLEST**2).sqrt()
