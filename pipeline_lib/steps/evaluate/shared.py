"""What the views of one split have in common: the resamples, and the AP of labels."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from pipeline_lib.evaluation.average_precision import average_precisions
from pipeline_lib.evaluation.resampled import Precisions
from pipeline_lib.evaluation.resamples import Resamples
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.steps.evaluate.views import View


@dataclass(frozen=True)
class Shared:
    """The resamples of a split's images, and what was formed in them for one view or another."""

    resamples: Resamples
    _known: dict[Hashable, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, images: int, params: Evaluation) -> "Shared":
        """Draw the resamples of so many images."""
        return cls(Resamples.drawn(images, draws=params.draws, seed=params.seed))

    def precisions(self, view: View) -> list[Precisions]:
        """Return what forms AP for each seed of a view, where no other view had it formed."""
        return [partial(self._formed, view, seed) for seed in range(len(view.scored.scores))]

    def _formed(
        self,
        view: View,
        seed: int,
        scores: np.ndarray,
        carried: np.ndarray,
        ignored: np.ndarray,
        resamples: Resamples,
    ) -> np.ndarray:
        keys = [(view.alone, seed, label) for label in view.kinds["index"]]
        new = [number for number, key in enumerate(keys) if key not in self._known]
        if len(new) < len(keys):
            scores, carried, ignored = (x[:, new] for x in (scores, carried, ignored))
        found = np.moveaxis(average_precisions(scores, carried, ignored, resamples), 2, 0)
        self._known.update((keys[number], one) for number, one in zip(new, found, strict=True))
        return np.stack([self._known[key] for key in keys], axis=2)
