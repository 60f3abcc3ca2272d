"""A fixed lattice of boxes: the control of CSNet's, of their number and size, and never moved."""

import math

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Float


def lattice(boxes: int, size: tuple[float, float]) -> Float[Tensor, "boxes 2 3"]:
    """Return upright affine boxes in floor(sqrt(boxes)) rows as equal as can be.

    They overlap where they are large, and those at the borders touch them.

    Args:
        boxes: how many.
        size: θ11 and θ22 of all, 0…1; 1 is the whole image.
    """
    rows = math.isqrt(boxes)
    found = torch.zeros(boxes, 2, 3)
    found[:, 0, 0], found[:, 1, 1] = size
    centres = [
        (x, y)
        for row, y in enumerate(_spread(rows, size[1]))
        for x in _spread(boxes // rows + (row >= rows - boxes % rows), size[0])
    ]
    found[:, :, 2] = torch.tensor(centres)
    return found


def _spread(count: int, size: float) -> list[float]:
    """Return the centres of boxes between both borders of -1…1; of one, the middle."""
    reach = max(1 - size, 0.0)
    return [reach * (2 * place / (count - 1) - 1) for place in range(count)] if count > 1 else [0.0]
