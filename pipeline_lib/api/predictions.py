"""What a run says of pictures, as a user wants it: names with probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
import torch
from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.decisions import above
from pipeline_lib.evaluation.ranking import ranking
from pipeline_lib.params.nearest import nearest

THRESHOLD = 0.5  # of a tag's probability, where nothing else is said
Threshold = float | Mapping[str, float]
"""Of the probability above which a tag is found: of all tags, or of some by name."""


@dataclass(frozen=True)
class Predictions:
    """What is said of some images, in their order."""

    names: list[str]  # of all classes or tags
    probabilities: np.ndarray  # (images, names) float32, 0…1; of classes they sum to 1
    labels: list[list[str]]  # of each image, likeliest first: its top classes, or the tags found

    @classmethod
    def of(
        cls,
        logits: Tensor,
        names: Sequence[str],
        *,
        exclusive: bool,
        top: int = 5,
        threshold: Threshold = THRESHOLD,
        temperature: float = 1.0,
    ) -> Self:
        """Turn scores into probabilities, and say which names they speak for.

        Args:
            logits: (images, names).
            names: of the columns.
            exclusive: whether an image is of one class: a softmax, and the ``top`` classes. Else a
                sigmoid each, as ``evaluate`` judges, and the tags above their ``threshold``.
            top: how many classes are named at most.
            threshold: 0…1; tags that a mapping does not name have 0.5.
            temperature: what logits are divided by, found on images that were not trained on.

        Raises:
            InputError: a threshold or the temperature is out of range, or of no tag.
        """
        if temperature <= 0 or top < 1:
            raise InputError(
                f"temperature is {temperature} and top {top}, expected a temperature above 0 and "
                "at least 1 class; mend them"
            )
        cuts = _cuts(threshold, names)
        scaled = logits.float() / temperature
        found = scaled.softmax(1) if exclusive else torch.sigmoid(scaled)
        order, values = ranking(scaled.numpy()), scaled.numpy()
        if exclusive:
            chosen = [row[:top] for row in order]
        else:
            decided = np.stack([above(c, t) for c, t in zip(values.T, cuts, strict=True)], 1)
            chosen = [row[own[row]] for row, own in zip(order, decided, strict=True)]
        return cls(list(names), found.numpy(), [[names[j] for j in row] for row in chosen])

    def __len__(self) -> int:
        return len(self.labels)

    def frame(self, ids: Sequence[object] | None = None) -> pl.DataFrame:
        """Return a row per image: "sample_id", its "labels", and their "probabilities".

        Args:
            ids: what names the images; None counts them from 0.
        """
        place = {name: j for j, name in enumerate(self.names)}
        values = [
            [float(row[place[name]]) for name in labels]
            for row, labels in zip(self.probabilities, self.labels, strict=True)
        ]
        columns = {"labels": pl.List(pl.String), "probabilities": pl.List(pl.Float32)}
        return self._beside(ids, pl.DataFrame([self.labels, values], schema=columns))

    def table(self, ids: Sequence[object] | None = None) -> pl.DataFrame:
        """Return all probabilities: "sample_id", and a column per class or tag."""
        return self._beside(ids, pl.DataFrame(self.probabilities, schema=self.names))

    def _beside(self, ids: Sequence[object] | None, columns: pl.DataFrame) -> pl.DataFrame:
        own = pl.Series("sample_id", range(len(self)) if ids is None else ids)
        if len(own) != len(self):
            raise InputError(
                f"{len(own)} ids are given for {len(self)} images, expected one each; mend the ids"
            )
        return pl.DataFrame([own]).hstack(columns)


def _cuts(threshold: Threshold, names: Sequence[str]) -> list[float]:
    """Return the threshold of every name."""
    known = dict.fromkeys(names, THRESHOLD)
    if isinstance(threshold, Mapping):
        for name in threshold:
            if name not in known:
                raise InputError(
                    f"threshold: '{name}' is none of the {len(names)} names of this run"
                    f"{nearest(name, list(names))}"
                )
        known |= threshold
    else:
        known = dict.fromkeys(names, threshold)
    wrong = next((name for name, value in known.items() if not 0 < value < 1), None)
    if wrong is not None:
        raise InputError(
            f"threshold of '{wrong}' is {known[wrong]}, expected a probability between 0 and 1"
        )
    return list(known.values())
