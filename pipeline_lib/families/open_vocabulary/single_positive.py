"""Losses for images of whose labels one positive is known and nothing else.

Cole et al., CVPR 2021 (AN, WAN, AN-LS, EPR, ROLE, IUN); Zhou et al., ECCV 2022 (EM, EM+APL).

    papers      here
    f_ni        p = σ(logits), of image n and label i
    z_ni        observed, 1: a known positive, 0: unobserved
    θ_ni        estimates, the logits of ROLE's label estimator
    k           expected, positives per image

Every loss is a sum over the entries of the batch divided by B·C. As in the authors' code the
logarithm is ℓ(x) = −log(x + 1e-5), so that a certain mistake costs 11.5 and not infinity.
"""

import torch
from torch import Tensor, distributed

from pipeline_lib.nn.shapes import Bool, Float

OFFSET = 1e-5  # the authors' code, of both papers


def _probability(logits: Tensor) -> Tensor:
    """Return p, in at least single precision: in half, 1 − p of a certain entry is 0 or 0.004."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32)).sigmoid()


def _surprise(p: Tensor) -> Tensor:
    """ℓ(p)."""
    return -torch.log(p + OFFSET)


def _cross_entropy(p: Tensor, target: Tensor) -> Tensor:
    """Return t ℓ(p) + (1 − t) ℓ(1 − p), entry by entry."""
    return target * _surprise(p) + (1 - target) * _surprise(1 - p)


def assume_negative(
    logits: Float[Tensor, "batch labels"], observed: Float[Tensor, "batch labels"]
) -> Float[Tensor, ""]:
    """AN (Cole et al.): what is unobserved counts as negative."""
    return _cross_entropy(_probability(logits), observed).mean()


def weak_assume_negative(
    logits: Float[Tensor, "batch labels"], observed: Float[Tensor, "batch labels"]
) -> Float[Tensor, ""]:
    """WAN (Cole et al.): all C − 1 assumed negatives together weigh what a positive does."""
    p, others = _probability(logits), max(logits.shape[1] - 1, 1)
    return (observed * _surprise(p) + (1 - observed) * _surprise(1 - p) / others).mean()


def smoothed_assume_negative(
    logits: Float[Tensor, "batch labels"],
    observed: Float[Tensor, "batch labels"],
    *,
    smoothing: float,
) -> Float[Tensor, ""]:
    """AN-LS (Cole et al.): the targets of AN are 1 − smoothing and smoothing."""
    target = observed * (1 - smoothing) + (1 - observed) * smoothing
    return _cross_entropy(_probability(logits), target).mean()


def expected_positives(
    logits: Float[Tensor, "batch labels"],
    observed: Float[Tensor, "batch labels"],
    *,
    expected: float,
) -> Float[Tensor, ""]:
    """EPR (Cole et al.): known positives, and the right number of positives on average.

    The regulariser is ((mean over images of Σ_i p_i − k) / C)², of weight 1.
    """
    p = _probability(logits)
    return (observed * _surprise(p)).mean() + _miscount(p, expected)


def _miscount(p: Tensor, expected: float) -> Tensor:
    return ((_mean_of_batch(p.sum(1)) - expected) / p.shape[1]).square()


def _mean_of_batch(values: Tensor) -> Tensor:
    """Average over the batch, also over the shares of other processes; the gradient is one's own.

    The square of a mean is no mean of squares, so shares cannot be averaged afterwards.
    """
    own = values.mean()
    if not (distributed.is_available() and distributed.is_initialized()):
        return own
    known = torch.stack([values.detach().sum(), values.new_tensor(float(len(values)))])
    distributed.all_reduce(known)
    return own + (known[0] / known[1] - own).detach()


def online_estimation(
    logits: Float[Tensor, "batch labels"],
    estimates: Float[Tensor, "batch labels"],
    observed: Float[Tensor, "batch labels"],
    *,
    expected: float,
) -> Float[Tensor, ""]:
    """ROLE (Cole et al.): classifier and label estimates teach each other.

    (L'(classifier | estimates) + L'(estimates | classifier)) / 2, where L' is EPR and the
    cross-entropy with what the other says, through which no gradient reaches that other.
    """
    p, estimated = _probability(logits), _probability(estimates)
    taught = _cross_entropy(p, estimated.detach()) + _cross_entropy(estimated, p.detach())
    alone = (expected_positives(side, observed, expected=expected) for side in (logits, estimates))
    return (taught.mean() + sum(alone)) / 2


def ignore_unobserved(
    logits: Float[Tensor, "batch labels"],
    observed: Float[Tensor, "batch labels"],
    negatives: Float[Tensor, "batch labels"],
) -> Float[Tensor, ""]:
    """IUN (Cole et al.): known positives, and all true negatives.

    An oracle: nobody who has one label per image knows the negatives. An upper bound, therefore.
    """
    p = _probability(logits)
    return (observed * _surprise(p) + negatives * _surprise(1 - p)).mean()


def entropy_maximisation(
    logits: Float[Tensor, "batch labels"],
    observed: Float[Tensor, "batch labels"],
    *,
    alpha: float,
) -> Float[Tensor, ""]:
    """EM (Zhou et al.): unobserved entries cost −α H(p), least at p = 1/2.

    Its gradient at the logit z is α p (1 − p) z: it vanishes at 0 and where the net is certain.
    """
    return _maximised(_probability(logits), observed, alpha).mean()


def _maximised(p: Tensor, observed: Tensor, alpha: float) -> Tensor:
    """Return EM entry by entry; H is the cross-entropy of p with itself."""
    return observed * _surprise(p) - alpha * (1 - observed) * _cross_entropy(p, p)


def asymmetric_pseudo_labels(
    logits: Float[Tensor, "batch labels"],
    observed: Float[Tensor, "batch labels"],
    soft: Float[Tensor, "batch labels"],
    chosen: Bool[Tensor, "batch labels"],
    *,
    alpha: float,
    beta: float,
) -> Float[Tensor, ""]:
    """EM+APL (Zhou et al.): EM, but β times cross-entropy with ``soft`` where ``chosen``.

    ``chosen`` are unobserved entries taken for negatives, ``soft`` their small probabilities.
    """
    p = _probability(logits)
    entries = torch.where(chosen, beta * _cross_entropy(p, soft), _maximised(p, observed, alpha))
    return entries.mean()
