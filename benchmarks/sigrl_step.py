"""The part of a SigRL training step whose memory is in question, ours and naive.

SDA, the correlation Q of Eq. 8, VFR with O = FC([T ; Ĥ]), and a loss of the patches it returns:
everything of the local branch up to the reconstructed patches, forward and backward.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks import naive
from pipeline_lib.methods.sigrl.semantic_attention import decouple, reconstruct

PATCHES = 196  # of ViT-B/16 at 224 pixels


@dataclass(frozen=True)
class Size:
    """Of a step."""

    batch: int
    classes: int
    dims: int
    patches: int = PATCHES

    def __str__(self) -> str:
        return f"B {self.batch}, P {self.patches}, C {self.classes}, D {self.dims}"


def inputs(size: Size, device: str, dtype: torch.dtype = torch.float32) -> list[Tensor]:
    """Return patches, H, Ĥ, and the weights of the three layers, all with gradients."""
    B, P, C, D = size.batch, size.patches, size.classes, size.dims
    rng = None if device == "meta" else torch.Generator(device).manual_seed(0)
    shapes = [(B, P, D), (C, D), (C, D), (D, D), (D, 2 * D), (D, D)]
    drawn = [torch.randn(s, generator=rng, device=device, dtype=dtype) for s in shapes]
    return [(x / x.shape[-1] ** 0.5 if n > 2 else x).requires_grad_() for n, x in enumerate(drawn)]


def step(tensors: list[Tensor], *, dense: bool, chunk: int = 0) -> tuple[Tensor, ...]:
    """Return the loss and the gradients of all ``tensors``."""
    patches, labels, related, sda, fc, vfr = tensors
    pool = naive.decouple if dense else partial_chunk(decouple, chunk)
    write = naive.reconstruct if dense else partial_chunk(reconstruct, chunk)
    features = pool(patches, labels, sda)
    # bmm, because matmul would keep a copy of the transposed features
    Q = F.normalize(torch.bmm(features.mT, labels.expand_as(features)).relu(), dim=2)
    of_features, of_labels = fc.chunk(2, 1)
    found = write(patches, features, Q @ of_features.T, related @ of_labels.T, vfr)
    del features  # as when the head's forward has returned
    loss = found.square().mean()
    return (loss, *torch.autograd.grad(loss, tensors))


def partial_chunk(function: Callable[..., Tensor], chunk: int) -> Callable[..., Tensor]:
    """Return ``function`` with its chunk fixed."""
    return lambda *tensors: function(*tensors, chunk=chunk)
