"""What a method may see: training images with targets, other images without."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from pipeline_lib.nn.shapes import Float, Int

Fetch = Callable[[Sequence[int]], Float[Tensor, "batch 3 size size"]]
"""Normalised model inputs by row of the sample table."""


@dataclass(frozen=True)
class Pictures:
    """The images of one split, by position 0 … len − 1."""

    rows: Sequence[int]  # of the sample table
    fetch: Fetch

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, positions: Int[Tensor, " batch"]) -> Float[Tensor, "batch 3 size size"]:
        """Return the normalised images at ``positions``."""
        return self.fetch([self.rows[p] for p in positions.tolist()])

    def batches(self, size: int) -> Iterator[Float[Tensor, "batch 3 size size"]]:
        """Yield all images in order."""
        for start in range(0, len(self), size):
            yield self.fetch(self.rows[start : start + size])


@dataclass(frozen=True)
class Data:
    """Everything a method learns from but its knowledge artifact. It holds no label of a test."""

    train: Pictures
    targets: Float[Tensor, "train classes"]  # multi-hot, of the training images
    evaluation: Mapping[str, Pictures]  # by split, to be scored

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.targets.shape[1]

    @cached_property  # asked for in every step
    def single_label(self) -> bool:
        """Whether every training image carries exactly one class."""
        return bool((self.targets.sum(1) == 1).all())
