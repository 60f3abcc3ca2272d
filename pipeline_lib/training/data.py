"""What a method may see: training images with targets, other images without."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from torch import Tensor

from pipeline_lib.nn.placebo import shuffled
from pipeline_lib.nn.shapes import Float, Int

Batch = TypeVar("Batch")  # what stands for some images
Fetch = Callable[[Sequence[int]], Batch]
"""Model inputs by row of the sample table.

Normalised images (batch, 3, size, size), cached feature maps (batch, dims, height, width), or
several tensors by name of what was found in the images: which, a run's `input:` says.
"""


@dataclass(frozen=True)
class Pictures(Generic[Batch]):
    """The images of one split, by position 0 … len − 1."""

    rows: Sequence[int]  # of the sample table
    fetch: Fetch[Batch]

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, positions: Int[Tensor, " batch"]) -> Batch:
        """Return the inputs at ``positions``."""
        return self.fetch([self.rows[p] for p in positions.tolist()])

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield all inputs in order."""
        for start in range(0, len(self), size):
            yield self.fetch(self.rows[start : start + size])

    def by_lot(self) -> tuple["Pictures[Batch]", Int[Tensor, " images"]]:
        """Return the images in an order drawn by lot, and where in it each of them is.

        For controls that take another image's arrays: the next one in a file often is of the same
        class, since many files are sorted, or never is.
        """
        order = shuffled(len(self))
        return Pictures([self.rows[p] for p in order.tolist()], self.fetch), order.argsort()


@dataclass(frozen=True)
class Data(Generic[Batch]):
    """Everything a method learns from but its knowledge artifact. It holds no label of a test."""

    train: Pictures[Batch]
    targets: Float[Tensor, "train classes"]  # multi-hot, of the training images
    evaluation: Mapping[str, Pictures[Batch]]  # by split, to be scored
    # what the training images carry, where `targets` are but one label of it, or faulty; for losses
    # that say they are oracles, and nothing else
    oracle: Float[Tensor, "train classes"] | None = None
    # of the val images, where there are some: for choosing an epoch, and nothing else
    val_targets: Float[Tensor, "val classes"] | None = None
    names: tuple[str, ...] = ()  # of the classes, for methods that make sentences of them
    # of the training images, where classes are predicted and there are tags beside them; for a
    # second head, and nothing else
    tags: Float[Tensor, "train tags"] | None = None

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.targets.shape[1]

    @cached_property  # asked for in every step
    def single_label(self) -> bool:
        """Whether every training image carries exactly one class."""
        return bool((self.targets.sum(1) == 1).all())
