"""Whether torch records a graph of what is called, for networks that are exported.

A graph holds for any number of images if nothing in it was decided by the number at hand.
"""

import torch
from torch import Tensor

IMAGES = 32  # that work is cut for in a graph, whatever their number will be


def is_recorded() -> bool:
    """Return whether a call is being recorded, by ``torch.jit.trace`` or ``torch.export``."""
    traced: bool = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    return traced or torch.compiler.is_exporting()


def images_at_hand(batch: Tensor) -> int:
    """Return for how many images, the rows of ``batch``, work is cut; that changes no value."""
    return IMAGES if is_recorded() else len(batch)
