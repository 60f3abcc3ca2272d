"""What a metric is; all of them stand in evaluation/metrics.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline_lib.evaluation.resampled import ALL, CHOSEN, CHOSEN_BY_TAG, TEMPERED, Cut, Formula
from pipeline_lib.targets import Target

TITLES: dict[Cut, str] = {
    CHOSEN: ", threshold from val",
    CHOSEN_BY_TAG: ", threshold of each tag from val",
    TEMPERED: ", temperature from val",
}


@dataclass(frozen=True)
class Protocol:
    """Metrics of one definition, at the same cut-offs: one table of the page."""

    name: str
    title: str
    definition: str
    targets: tuple[Target, ...]  # that are judged by it
    cuts: Callable[[Sequence[int]], list[Cut]]  # of the numbers of labels that are asked for


def whole(top_k: Sequence[int]) -> list[Cut]:
    """Cut nowhere."""
    return [None]


def ranked_first(top_k: Sequence[int]) -> list[Cut]:
    """Cut after each number of labels."""
    return [*top_k]


def thresholds(top_k: Sequence[int]) -> list[Cut]:
    """Decide by the threshold of params.yaml, and by those that were chosen on val."""
    return [ALL, CHOSEN, CHOSEN_BY_TAG]


def by_rule(top_k: Sequence[int]) -> list[Cut]:
    """Decide by the threshold of params.yaml, and for each number of labels."""
    return [ALL, *top_k]


def decided(top_k: Sequence[int]) -> list[Cut]:
    """Decide by every threshold, and for each number of labels."""
    return [*thresholds(top_k), *top_k]


def tempered(top_k: Sequence[int]) -> list[Cut]:
    """Take probabilities as trained, and with the temperature that was chosen on val."""
    return [None, TEMPERED]


def usable(top_k: Sequence[int], labels: int) -> list[int]:
    """Return the cut-offs that do not exceed the number of labels, once each.

    Where all of them do, it is 1: the first k of k labels are right for whatever method.
    """
    return [k for k in dict.fromkeys(top_k) if k <= labels] or [1]


@dataclass(frozen=True)
class Metric:
    """One entry of the list: what it is called, how it is computed, what it ranges over.

    It is formed for every seed in every view of a split, and averaged over seeds. The page shows
    it in percent.
    """

    name: str
    title: str  # "Recall@{}" for its k; without a place for it, "CF1" becomes "CF1, top 3"
    protocol: Protocol
    formula: Formula
    cuts: Callable[[Sequence[int]], list[Cut]] | None = None  # if fewer than the protocol's
    range: tuple[float, float] = (0.0, 1.0)  # intervals end there
    higher_is_better: bool = True
    generalised: bool = False  # of views in which seen and unseen labels are ranked together alone


@dataclass(frozen=True)
class Measure:
    """A metric at one cut-off: a column of the page, a name in files."""

    metric: Metric
    cut: Cut

    @property
    def name(self) -> str:
        """What it is called in files: "top_k_accuracy_5", "map_voc_area"."""
        return self.metric.name if self.cut is None else f"{self.metric.name}_{self.cut}"

    @property
    def title(self) -> str:
        """What it is called on the page: "Top-5 accuracy", "mAP", "CF1", "OF1, top 3"."""
        title, cut = self.metric.title, self.cut
        if isinstance(cut, int) and "{}" not in title:
            return f"{title}, top {cut}"
        return title.format(cut) + TITLES.get(cut, "")

    @property
    def stored(self) -> dict[str, Any]:
        """What files say of it (`metrics.measure` reads it)."""
        return {"metric": self.metric.name, "cut": self.cut}
