"""Memory and precision of work that is done for a few classes at a time."""

from collections.abc import Iterator

import torch
from torch import Tensor

from pipeline_lib.nn.recording import images_at_hand

# Of one (batch, patches, chunk, dims) tensor in the automatic choice; three are alive at a time.
# 41 classes at 8 images of 196 patches and 512 float32: products that fill a GPU, and beside them
# what does grow with the classes (M and its gradient, 29 MiB at 925) is not felt.
BYTES = 128 * 2**20


def classes_at_a_time(patches: Tensor, classes: int, chunk: int) -> int:
    """Return how many classes to work on at once; ``chunk`` 0 lets ``BYTES`` decide.

    Raises:
        ValueError: ``chunk`` is negative.
    """
    if chunk < 0:
        raise ValueError(f"chunk is {chunk}, expected classes per chunk, or 0 for automatic")
    count, dims = (int(side) for side in patches.shape[1:])
    each = images_at_hand(patches) * count * dims * patches.element_size()
    return max(1, min(classes, chunk or BYTES // max(1, each)))


class Workspace:
    """Buffers of (batch, chunk, patches, dims), allocated once and used for every chunk."""

    def __init__(self, patches: Tensor, classes: int, chunk: int, *, buffers: int) -> None:
        self.classes, self.chunk = classes, chunk
        batch, self.patches, self.dims = patches.shape
        self.batch = batch
        self.memory = [patches.new_empty(chunk * patches.numel()) for _ in range(buffers)]

    def __iter__(self) -> Iterator[tuple[slice, list[Tensor]]]:
        """Yield each chunk's place among the classes, and the buffers cut to its size."""
        for first in range(0, self.classes, self.chunk):
            here = min(self.chunk, self.classes - first)
            shape = (self.batch, here, self.patches, self.dims)
            size = self.batch * here * self.patches * self.dims
            yield slice(first, first + here), [m[:size].view(shape) for m in self.memory]


def precision_of(tensor: Tensor) -> tuple[torch.dtype, torch.dtype]:
    """Return the types of everything but matrix products, and of these.

    Under autocast, and of half-precision tensors, sums and exponentials are float32; a tanh, a
    softmax and a sum over hundreds of classes lose too much in less.
    """
    kind = tensor.device.type
    exact = torch.float64 if tensor.dtype == torch.float64 else torch.float32
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return exact, torch.get_autocast_dtype(kind) if exact == torch.float32 else exact
    return exact, tensor.dtype


def without_autocast(tensor: Tensor) -> torch.autocast:
    """Return a context in which no operation changes its operands' type."""
    kind = tensor.device.type
    known = torch.amp.is_autocast_available(kind)
    return torch.autocast(kind if known else "cpu", enabled=False)


def product(
    left: Tensor, right: Tensor, precision: torch.dtype, out: Tensor, *, add: bool = False
) -> None:
    """Write ``left @ right`` to ``out``, or add it, computed in ``precision``."""
    if precision != out.dtype:
        found = left.to(precision) @ right.to(precision)
        _ = out.add_(found) if add else out.copy_(found)
    elif add:
        out.addmm_(left, right)
    else:
        torch.mm(left, right, out=out)
