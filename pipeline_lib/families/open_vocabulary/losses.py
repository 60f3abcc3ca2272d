"""The losses for single positive labels by name, and the ranking loss among them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary import single_positive as losses
from pipeline_lib.families.open_vocabulary.label_loss import BatchLoss, LabelLoss
from pipeline_lib.families.open_vocabulary.pseudo_labels import PseudoLabelLoss
from pipeline_lib.families.open_vocabulary.ranking import pairwise_hinge
from pipeline_lib.families.open_vocabulary.score_scale import ScoreScale
from pipeline_lib.nn.shapes import Float, Int

if TYPE_CHECKING:
    from pipeline_lib.params.open_vocabulary import OpenSection, SinglePositive

__all__ = ["LabelLoss", "RankingLoss", "build_loss"]


class RankingLoss(BatchLoss):
    """Known positives above all other labels by a margin; those others count as negatives."""

    def __init__(self, observed: Float[Tensor, "train labels"], *, margin: float) -> None:
        super().__init__(observed, partial(pairwise_hinge, margin=margin))


class OracleLoss(LabelLoss):
    """IUN: besides the known positives it is told every true negative."""

    negatives: Tensor
    leaks = ("loss iun: the true negatives of the training images",)

    def __init__(
        self, observed: Float[Tensor, "train labels"], oracle: Float[Tensor, "train labels"]
    ) -> None:
        super().__init__(observed)
        self.register_buffer("negatives", 1 - oracle, persistent=False)

    def of(
        self, logits: Float[Tensor, "batch labels"], rows: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """Return IUN."""
        return losses.ignore_unobserved(logits, self.observed[rows], self.negatives[rows])


class RoleLoss(LabelLoss):
    """ROLE: a logit per training image and label is learned beside the network.

    The estimates start as in the authors' code: known positives at ``known``, the logits of others
    drawn evenly between those of 0.5 − spread and 0.5 + spread, from torch's own generator.
    """

    def __init__(self, observed: Float[Tensor, "train labels"], settings: "SinglePositive") -> None:
        super().__init__(observed)
        known, furthest = torch.tensor([settings.known, 0.5 + settings.spread]).logit()
        unknown = furthest * (2 * torch.rand_like(observed) - 1)
        self.estimates = nn.Parameter(torch.where(observed > 0, known, unknown))
        self._expected = settings.positives

    def of(
        self, logits: Float[Tensor, "batch labels"], rows: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """Return ROLE."""
        return losses.online_estimation(
            logits, self.estimates[rows], self.observed[rows], expected=self._expected
        )


def build_loss(
    name: str,
    *,
    observed: Float[Tensor, "train labels"],
    oracle: Float[Tensor, "train labels"] | None,
    settings: "OpenSection",
    epochs: int,
) -> LabelLoss:
    """Return the loss of that name, with a learned scale if the settings want one.

    Deviation: none of the papers on single positives scales what it gives the sigmoid, for their
    nets give logits. SigRL's scores have unit length over the labels of an image: unscaled, p lies
    between 0.27 and 0.73. ``ranking`` takes the scores as they are.

    Args:
        name: one of pipeline_lib/params/open_vocabulary.py.
        observed: multi-hot, what is known of the training images.
        oracle: multi-hot, all that is true of them, where someone knows.
        settings: margin and ``single_positive``.
        epochs: of the whole training.

    Raises:
        InputError: IUN without an oracle; a warm-up that leaves no epoch after it.
    """
    if name == "ranking":
        return RankingLoss(observed, margin=settings.margin)
    own = settings.single_positive
    loss = _unscaled(name, observed, oracle, own, epochs)
    loss.logits = score_scale(name, own)
    loss.lr_factor = own.lr_factor
    return loss


def score_scale(name: str, settings: "SinglePositive") -> nn.Module:
    """Return what makes logits of scores for the loss of that name, as it is before training."""
    if name == "ranking" or settings.scale != "learned":
        return nn.Identity()
    return ScoreScale(start=settings.start, shift=settings.shift)


def _unscaled(
    name: str,
    observed: Tensor,
    oracle: Tensor | None,
    settings: "SinglePositive",
    epochs: int,
) -> LabelLoss:
    if name == "iun":
        return OracleLoss(observed, _known(oracle))
    if name == "role":
        return RoleLoss(observed, settings)
    if name == "em_apl":
        return PseudoLabelLoss(observed, settings, epochs=epochs)
    functions: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "an": losses.assume_negative,
        "wan": losses.weak_assume_negative,
        "an_ls": partial(losses.smoothed_assume_negative, smoothing=settings.smoothing),
        "epr": partial(losses.expected_positives, expected=settings.positives),
        "em": partial(losses.entropy_maximisation, alpha=settings.alpha),
    }
    return BatchLoss(observed, functions[name])


def _known(oracle: Tensor | None) -> Tensor:
    if oracle is None:
        raise InputError(
            "training: `loss` is iun, which needs the true negatives of the training images, and "
            "no labels but the known ones are at hand; expected those from before the reduction; "
            "set `dataset.single_positive.enabled` to true, or choose another loss"
        )
    return oracle
