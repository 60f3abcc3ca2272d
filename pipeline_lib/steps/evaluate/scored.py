"""One evaluation split of one run: its images, what they carry, and how each seed scored them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.tensors import DTYPES
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.resampled import Truth
from pipeline_lib.targets import Target

ROWS = 4096  # of stored scores that are read at a time


@dataclass(frozen=True)
class Scored:
    """The split; its categories are the classes or the tags."""

    name: str
    ids: list[str]
    truth: np.ndarray  # multi-hot (images, categories)
    difficult: np.ndarray  # of the same shape: carried as difficult objects only (PASCAL VOC)
    unknown: np.ndarray  # of the same shape: nobody knows whether it is carried
    scores: Sequence[np.ndarray]  # of each seed, (images, categories)
    zsl: Sequence[np.ndarray] | None = None  # (images, unseen tags): of a call for them alone

    def first(self, truth: Truth) -> np.ndarray:
        """Return the first-ranked category that is not ignored, (seeds, images)."""
        each = range(len(self.scores))  # read, and let go before the next
        return np.stack([truth.counted(self.scores[seed]).argmax(1) for seed in each])

    def of(self, categories: np.ndarray) -> "Scored":
        """Return the same images with some of the categories."""
        return replace(
            self,
            truth=self.truth[:, categories],
            difficult=_light(self.difficult[:, categories]),
            unknown=_light(self.unknown[:, categories]),
            scores=_columns(self.scores, categories),
            zsl=None,
        )


def _light(flags: np.ndarray) -> np.ndarray:
    """Return the same, which takes no memory where there is no flag."""
    return flags if flags.any() else np.broadcast_to(np.False_, flags.shape)


def _columns(scores: Sequence[np.ndarray], columns: np.ndarray) -> Sequence[np.ndarray]:
    if isinstance(scores, _Stored):
        return scores.of(columns)
    return [one[:, columns] for one in scores]


@dataclass(frozen=True)
class _Stored(Sequence[np.ndarray]):
    """Arrays of a file, read when they are asked for: one of them may fill the memory."""

    file: Any  # of SCORES.opened
    names: list[str]
    columns: np.ndarray | None = None  # those that are read

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, seed: Any) -> Any:
        if self.columns is None:
            return self.file.get_tensor(self.names[seed])
        piece = self.file.get_slice(self.names[seed])
        images, kind = piece.get_shape()[0], DTYPES[piece.get_dtype()]
        found = np.empty((images, len(self.columns)), kind)
        for start in range(0, images, ROWS):
            rows = slice(start, min(start + ROWS, images))
            found[rows] = piece[rows][:, self.columns]
        return found

    def of(self, columns: np.ndarray) -> "_Stored":
        """Return some of the columns."""
        return replace(self, columns=columns if self.columns is None else self.columns[columns])


def scored_splits(
    file: Any,
    header: dict[str, Any],
    table: Labelled,
    target: Target,
) -> Iterator[Scored]:
    """Yield every split of scores.safetensors, of which ``SCORES.opened`` gave file and header."""
    stored = set(file.keys())
    for name in header["splits"]:
        rows = table.rows(name)
        zsl = [key for s in header["seeds"] if (key := f"{s}/{name}/zsl") in stored]
        yield Scored(
            name=name,
            ids=table.ids_of(rows),
            truth=table.targets(target, rows),
            difficult=_light(table.difficult(target, rows)),
            unknown=_light(table.unknown(target, rows)),
            scores=_Stored(file, [f"{seed}/{name}/logits" for seed in header["seeds"]]),
            zsl=_Stored(file, zsl) if zsl else None,
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
