"""What CSRMS knows of the training set before it trains: the artifact of the stage `relations`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pipeline_lib.methods.csrms.lots import negatives, positives
from pipeline_lib.methods.csrms.settings import Paced, Settings
from pipeline_lib.nn.knowledge import refuse_without
from pipeline_lib.nn.placebo import replaced
from pipeline_lib.nn.shapes import Float, Int
from pipeline_lib.training.determinism import generator

MIXED = -1
NOISE = -1  # of an image outside every cluster


@dataclass(frozen=True)
class Relations:
    """Lists and clusters of the training images, by position."""

    positives: Int[Tensor, "train n"]
    negatives: Int[Tensor, "train m"]
    difficulty: Int[Tensor, " train"]  # 0 easy, 1 medium, 2 hard
    cluster: Int[Tensor, " train"]  # or NOISE
    dominant: Int[Tensor, " clusters"]  # class, or MIXED

    @classmethod
    def of(cls, arrays: Mapping[str, Tensor]) -> "Relations":
        """Read the tensors.

        Raises:
            InputError: they are those of another stage, or none.
        """
        names = ("positives", "negatives", "difficulty", "cluster", "dominant")
        refuse_without(arrays, *names, stage="relations")
        return cls(**{name: arrays[name].long() for name in names})

    def by_lot(self, settings: Settings, targets: Tensor, *, seed: int) -> "Relations":
        """Return the relations with what the settings' placebos draw in its place."""
        chosen: dict[str, Tensor] = {}
        if settings.positives.placebo == "lot":
            length = self.positives.shape[1]
            chosen["positives"] = positives(targets, length, generator("positives", seed))
        if settings.negatives.placebo == "lot":
            length = self.negatives.shape[1]
            chosen["negatives"] = negatives(targets, length, generator("negatives", seed))
        if isinstance(settings.curriculum, Paced):
            chosen["difficulty"] = replaced(self.difficulty, settings.curriculum.placebo, dim=0)
        return replace(self, **chosen)

    def dominated_members(
        self, targets: Float[Tensor, "train classes"]
    ) -> tuple[Float[Tensor, "classes train"], Float[Tensor, "classes train"]]:
        """Return averaging weights over training images, rows summing to 1.

        First those of the largest cluster that each class dominates (w_cu, Eq. 11), then those of
        all the clusters that it dominates (p_ca, Sec. 4.3.2). All members of a cluster count, noise
        is a member of none.

        Deviation: a class that dominates no cluster has no prototype in the paper; here it is the
        mean of the class's own images.
        """
        classes, inside = targets.shape[1], self.cluster != NOISE
        held = torch.zeros(len(self.dominant), classes)
        held.index_add_(0, self.cluster[inside], targets[inside])
        own = held * (self.dominant[:, None] == torch.arange(classes))  # (clusters, classes)
        largest = torch.zeros_like(own).scatter_(0, own.argmax(0, keepdim=True), 1.0) * (own > 0)
        one, every = largest[self.cluster].T, (own > 0)[self.cluster].float().T
        one, every = one * inside, every * inside
        nothing = every.sum(1) == 0
        one[nothing] = every[nothing] = targets.T[nothing]
        return _rows_to_one(one), _rows_to_one(every)


def _rows_to_one(weights: Float[Tensor, "classes train"]) -> Float[Tensor, "classes train"]:
    return weights / weights.sum(1, keepdim=True).clamp(min=1)
