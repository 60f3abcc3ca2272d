"""One evaluation split of one run: its images, what they carry, and how each seed scored them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.ranking import ranking
from pipeline_lib.evaluation.resampled import Truth
from pipeline_lib.targets import Target


@dataclass(frozen=True)
class Scored:
    """The split; its categories are the classes or the tags."""

    name: str
    ids: list[str]
    truth: np.ndarray  # multi-hot (images, categories)
    difficult: np.ndarray  # of the same shape: carried as difficult objects only (PASCAL VOC)
    unknown: np.ndarray  # of the same shape: nobody knows whether it is carried
    scores: np.ndarray  # (seeds, images, categories)
    zsl: np.ndarray | None = None  # (seeds, images, unseen tags): of a call for them alone

    def first(self, truth: Truth) -> np.ndarray:
        """Return the first-ranked category that is not ignored, (seeds, images)."""
        counted = np.where(truth.ignored, -np.inf, self.scores)
        return np.stack([ranking(scores)[:, 0] for scores in counted])

    def of(self, categories: np.ndarray) -> "Scored":
        """Return the same images with some of the categories."""
        return replace(
            self,
            truth=self.truth[:, categories],
            difficult=self.difficult[:, categories],
            unknown=self.unknown[:, categories],
            scores=self.scores[:, :, categories],
            zsl=None,
        )


def scored_splits(
    arrays: dict[str, np.ndarray],
    header: dict[str, Any],
    table: Labelled,
    target: Target,
) -> Iterator[Scored]:
    """Yield every split of scores.safetensors."""
    for name in header["splits"]:
        rows = table.rows(name)
        logits = np.stack([arrays[f"{seed}/{name}/logits"] for seed in header["seeds"]])
        zsl = [arrays[key] for s in header["seeds"] if (key := f"{s}/{name}/zsl") in arrays]
        yield Scored(
            name=name,
            ids=table.ids_of(rows),
            truth=table.targets(target, rows),
            difficult=table.difficult(target, rows),
            unknown=table.unknown(target, rows),
            scores=logits,
            zsl=np.stack(zsl) if zsl else None,
        )


def testable(splits: Iterable[Scored], judged: np.ndarray, target: Target) -> Iterator[Scored]:
    """Yield the splits of which an image carries a category that is judged.

    Of the others no metric is defined; they are left out.

    Args:
        splits: the scores of all categories.
        judged: indices of the categories that are judged.
        target: "classes" or "tags".

    Raises:
        InputError: the test split is among them.
    """
    for split in splits:
        if split.truth[:, judged].any():
            yield split
        elif split.name == TEST:
            remedy = f"look at the labels of the data set, or disable runs that predict {target}"
            if split.truth.any():
                remedy = "set evaluation.tags.judged: all, as some carry unseen ones"
            raise InputError(
                f"split '{TEST}': none of its {len(split.ids)} images carries one of the "
                f"{len(judged)} {target} that are judged, expected some, as no metric is defined "
                f"without; {remedy}"
            )
