"""A loss over label scores as a module: what it remembers of the training images is in a buffer.

It maps scores (batch, labels) and the positions of the images to one number. What it keeps from
step to step is a parameter or a persistent buffer, so that a checkpoint of the task is complete;
the labels themselves are given anew each time.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from pipeline_lib.nn.shapes import Float, Int


class LabelLoss(nn.Module, ABC):
    """A loss that looks up the labels of the images it is asked about."""

    observed: Tensor  # (train, labels), multi-hot: the positives that are known
    leaks: tuple[str, ...] = ()  # what it was told that known positives do not say

    def __init__(self, observed: Float[Tensor, "train labels"]) -> None:
        super().__init__()
        self.register_buffer("observed", observed, persistent=False)
        self.logits: nn.Module = nn.Identity()  # of scores; build_loss may put a scale here
        self.lr_factor = 1.0  # on the learning rate of what the loss itself learns, scale apart

    def begin_epoch(self, epoch: int) -> None:
        """Prepare an epoch (0, 1, …)."""

    def groups(self) -> list[dict[str, Any]]:
        """Return the optimiser's groups of what the loss learns, none of which decays.

        It is about the labels, and no prior says that they are undecided.
        """
        scale = list(self.logits.parameters())
        own = [p for name, p in self.named_parameters() if not name.startswith("logits.")]
        parts = ((own, self.lr_factor), (scale, getattr(self.logits, "lr_factor", 1.0)))
        return [
            {"params": some, "lr_scale": factor, "weight_decay": 0.0}
            for some, factor in parts
            if some
        ]

    def forward(
        self, scores: Float[Tensor, "batch labels"], positions: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """Return the loss of images at ``positions`` of the training set."""
        return self.of(self.logits(scores), positions.to(self.observed.device))

    @abstractmethod
    def of(
        self, logits: Float[Tensor, "batch labels"], rows: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """Return the loss of scaled scores; ``rows`` are where the labels are."""


class BatchLoss(LabelLoss):
    """A loss of the batch's logits and known positives alone."""

    def __init__(
        self, observed: Float[Tensor, "train labels"], function: Callable[[Tensor, Tensor], Tensor]
    ) -> None:
        super().__init__(observed)
        self._function = function

    def of(
        self, logits: Float[Tensor, "batch labels"], rows: Int[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """Return the function's value."""
        return self._function(logits, self.observed[rows])
