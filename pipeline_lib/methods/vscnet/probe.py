"""A linear probe: what a closed-form ridge regression reads off features."""

from collections.abc import Callable

import torch
from torch import Tensor

from pipeline_lib.nn.shapes import Float

RIDGE = 1e-2  # of the features' mean variance

Probe = Callable[[Float[Tensor, "images dims"]], Float[Tensor, "images classes"]]


def ridge(x: Float[Tensor, "images dims"], y: Float[Tensor, "images classes"]) -> Probe:
    """Fit (XᵀX + λ I) W = Xᵀ Y on centred X and Y; return what predicts Y."""
    mean, target = x.double().mean(0), y.double().mean(0)
    wide = x.double() - mean
    square = wide.T @ wide
    weight = RIDGE * square.trace() / len(square) + torch.finfo(square.dtype).tiny
    inner = square + weight * torch.eye(len(square), dtype=square.dtype)
    found = torch.linalg.solve(inner, wide.T @ (y.double() - target))
    return lambda other: (other.double() - mean) @ found + target


def told(
    probe: Probe, x: Float[Tensor, "images dims"], y: Float[Tensor, "images classes"]
) -> float:
    """Return the share of images whose surest class by the probe is one of theirs."""
    first = probe(x).argmax(1, keepdim=True)
    return float(y.gather(1, first).mean())
