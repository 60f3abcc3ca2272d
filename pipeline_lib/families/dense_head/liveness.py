"""Readings of heads over the labels: whether what a label gets is its own, and what a graph does.

Everything is a number of each image first, and the mean over the images that are read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.families.dense_head.label_graph import LabelConvolution
from pipeline_lib.nn.shapes import Float
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.liveness import TRAIN, Reading, between, some
from pipeline_lib.training.trunk import BATCH

OWN = 0.02
"""The least share that differs between labels, of what is to be each label's own.

Labels that look at the same places, or are told the same, read 0. Little may do: where decoupling
was shown to gain over one attention map for all labels, 0.05 differed (README of methods/dlsa), so
the bar lies below that, and above what rounding and initial weights leave.
"""


@dataclass(frozen=True)
class Meaning:
    """What is read of every image."""

    module: str
    name: str
    about: str
    bar: float | None = None

    def read(self, split: str, value: float) -> Reading:
        """Return the reading of a split."""
        return Reading(self.module, self.name, self.about, split, value, self.bar)


DECOUPLED = Meaning(
    "decoupling",
    "between labels",
    "Share of an image's pooled vectors that differs between its labels, 0 to 1; 0 where all "
    "labels look at the same places.",
    OWN,
)

Read = Mapping[Meaning, Float[Tensor, " images"]]


def over_images(data: Data[Tensor], read: Callable[[Tensor], Read]) -> list[Reading]:
    """Return what ``read`` says of the inputs of some images of each split, on average."""
    found = []
    for split, pictures in {**data.evaluation, TRAIN: data.train}.items():
        with torch.inference_mode():
            parts = [read(batch) for batch in _batches(pictures)]
        for meaning in parts[0] if parts else ():
            every = torch.cat([part[meaning] for part in parts])
            found.append(meaning.read(split, float(every.double().mean())))
    return found


def _batches(pictures: Pictures[Any]) -> Iterator[Tensor]:
    positions = some(pictures)
    for start in range(0, len(positions), BATCH):
        yield pictures.batch(positions[start : start + BATCH])


def between_labels(
    vectors: Float[Tensor, "images labels dims"],
) -> Float[Tensor, " images"]:
    """Return which share of an image's vectors differs between labels, 0 … 1."""
    return torch.tensor([between(one, 0) for one in vectors])


def from_flat(weights: Float[Tensor, "images ..."]) -> Float[Tensor, " images"]:
    """Return which share of a weighting would have to move for all weights to be equal.

    0: they are; 1 − 1/n: one of n things has all the weight. Each row of the last dimension sums
    to 1; the mean over rows.
    """
    moved = (weights - 1 / weights.shape[-1]).abs().sum(-1) / 2
    return moved.flatten(1).mean(1)


def labels_apart(module: str, labels: LabelConvolution) -> list[Reading]:
    """Return how far the labels' vectors are apart: of the names alone, and after the graph.

    Convolution takes means of neighbours, and too much of it makes all labels alike. The bar lies
    at ``OWN``: below it a guide or a classifier is the same for every label.
    """
    with torch.inference_mode():
        before, after = (between(v, 0) for v in (labels.without_graph(), labels()))
    about = "Share of the labels' vectors that differs between them, 0 to 1; "
    alone = f"{about}of the same weights without the graph."
    return [
        Reading(module, "apart, no graph", alone, TRAIN, before),
        Reading(module, "apart", f"{about}as the graph leaves them.", TRAIN, after, OWN),
    ]
