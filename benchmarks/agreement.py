"""The largest difference of ours to the oracles, in float64, of values and gradients."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from benchmarks import naive
from benchmarks.graph_attention import Rivals
from pipeline_lib.families.open_vocabulary.ranking_loss import pairwise_hinge
from pipeline_lib.methods.sigrl.semantic_attention import decouple, reconstruct

CHUNK = 5  # does not divide the number of classes


def errors() -> dict[str, float]:
    """Return the largest absolute error of each part."""
    rng = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        values = torch.randn(shape, generator=rng, dtype=torch.float64)
        return values.requires_grad_()

    B, P, C, D = 2, 49, 23, 32
    sda = [drawn(B, P, D), drawn(C, D), drawn(D, D)]
    vfr = [drawn(B, P, D), drawn(B, C, D), drawn(B, D, D), drawn(C, D), drawn(D, D)]
    scores = [drawn(32, 200)]
    targets = torch.rand(32, 200, generator=rng) < 0.05
    found = {
        "SDA": worst(run(naive.decouple, sda), run(lambda *x: decouple(*x, chunk=CHUNK), sda)),
        "VFR": worst(
            run(naive.reconstruct, vfr), run(lambda *x: reconstruct(*x, chunk=CHUNK), vfr)
        ),
        "ranking loss": worst(
            run(lambda s: naive.pairwise_hinge_dense(s, targets, 1.0), scores),
            run(lambda s: pairwise_hinge(s, targets, margin=1.0), scores),
        ),
    }
    for name, most in [("GATv2, lists", 6), ("GATv2, complete", None)]:
        rivals = Rivals(
            (2, 23, 16), most, heads=3, out=8, device="cpu", dtype=torch.float64, chunk=CHUNK
        )
        found[name] = worst(rivals.run_pyg(), rivals.run_ours())
    return found


def run(function: Callable[..., Tensor], tensors: list[Tensor]) -> list[Tensor]:
    """Return the value and the gradients of an uneven sum of it."""
    value = function(*tensors)
    uneven = torch.linspace(-1, 2, value.numel(), dtype=value.dtype).view_as(value)
    return [value, *torch.autograd.grad((value * uneven).sum(), tensors)]


def worst(expected: Iterable[Tensor], found: Iterable[Tensor]) -> float:
    """Return the largest absolute difference."""
    pairs = zip(expected, found, strict=True)
    return max(float((x.detach().reshape(y.shape) - y.detach()).abs().max()) for x, y in pairs)
