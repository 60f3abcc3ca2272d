"""The losses for single positive labels by name, and the ranking loss among them."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary import single_positive as losses
from pipeline_lib.families.open_vocabulary.label_loss import BatchLoss, LabelLoss
from pipeline_lib.families.open_vocabulary.pseudo_labels import PseudoLabelLoss
from pipeline_lib.families.open_vocabulary.ranking_loss import pairwise_hinge
from pipeline_lib.families.open_vocabulary.score_scale import ScoreScale
from pipeline_lib.families.open_vocabulary.settings import (
    AnLs,
    Em,
    EmApl,
    Epr,
    Iun,
    Learned,
    Loss,
    Ranking,
    Role,
    Scaled,
    Wan,
)
from pipeline_lib.nn.shapes import Float, Int

__all__ = ["LabelLoss", "RankingLoss", "build_loss"]


class RankingLoss(BatchLoss):
    """Known positives above all other labels by a margin; those others count as negatives."""

    def __init__(self, observed: Float[Tensor, "train labels"], settings: Ranking) -> None:
        hinge = partial(pairwise_hinge, margin=settings.margin, pairs=settings.pairs)
        super().__init__(observed, hinge)


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

    def __init__(self, observed: Float[Tensor, "train labels"], settings: Role) -> None:
        super().__init__(observed)
        known, furthest = torch.tensor([settings.known, 0.5 + settings.spread]).logit()
        unknown = furthest * (2 * torch.rand_like(observed) - 1)
        self.estimates = nn.Parameter(torch.where(observed > 0, known, unknown))
        self._expected = settings.positives
        self.lr_factor = settings.lr_factor

    def of(
        self, logits: Float[Tensor, "batch labels"], rows: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """Return ROLE."""
        return losses.online_estimation(
            logits, self.estimates[rows], self.observed[rows], expected=self._expected
        )


def build_loss(
    settings: Loss,
    *,
    observed: Float[Tensor, "train labels"],
    oracle: Float[Tensor, "train labels"] | None,
    epochs: int,
) -> LabelLoss:
    """Return the loss that the settings name, with a learned scale if they want one.

    Deviation: none of the papers on single positives scales what it gives the sigmoid, for their
    nets give logits. SigRL's scores have unit length over the labels of an image: unscaled, p lies
    between 0.27 and 0.73. ``Ranking`` takes the scores as they are.

    Args:
        settings: of a loss.
        observed: multi-hot, what is known of the training images.
        oracle: multi-hot, all that is true of them, where someone knows.
        epochs: of the whole training.

    Raises:
        InputError: IUN without an oracle; a warm-up that leaves no epoch after it.
    """
    if isinstance(settings, Ranking):
        return RankingLoss(observed, settings)
    loss = _unscaled(settings, observed, oracle, epochs)
    loss.logits = score_scale(settings)
    return loss


def score_scale(settings: Loss) -> nn.Module:
    """Return what makes logits of scores for a loss, as it is before training."""
    if isinstance(settings, Ranking) or not isinstance(settings.scale, Learned):
        return nn.Identity()
    return ScoreScale(settings.scale)


def _unscaled(settings: Scaled, observed: Tensor, oracle: Tensor | None, epochs: int) -> LabelLoss:
    match settings:
        case Iun():
            return OracleLoss(observed, _known(oracle))
        case Role():
            return RoleLoss(observed, settings)
        case EmApl():
            return PseudoLabelLoss(observed, settings, epochs=epochs)
        case _:
            return BatchLoss(observed, _function(settings))


def _function(settings: Scaled) -> Callable[[Tensor, Tensor], Tensor]:
    match settings:
        case Wan():
            return losses.weak_assume_negative
        case AnLs():
            return partial(losses.smoothed_assume_negative, smoothing=settings.smoothing)
        case Epr():
            return partial(losses.expected_positives, expected=settings.positives)
        case Em():
            return partial(losses.entropy_maximisation, alpha=settings.alpha)
        case _:
            return losses.assume_negative


def _known(oracle: Tensor | None) -> Tensor:
    if oracle is None:
        raise InputError(
            "training: `loss.name` is iun, which needs the true negatives of the training images, "
            "and no labels but the known ones are at hand; expected those from before the "
            "reduction; set `dataset.single_positive.enabled` to true, or choose another loss"
        )
    return oracle
