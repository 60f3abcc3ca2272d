"""The forward passes of semantic_attention.py as Triton kernels: scores never leave the chip.

A program takes a block of channels of one class (or of a block of patches), and forms tanh(F ⊙ g),
its product with W and the softmax over patches a block at a time, with the running maximum and
sum of Milakov and Gimelshein (2018). What a softmax over patches divides by is not known before the
last patch: VFR, which needs the weights themselves, first gets log Σ_p exp, and then forms the
scores again. The backward pass is the chunked one of semantic_attention.py.

This module imports triton; only semantic_attention.py imports it, when it can.
"""

from typing import no_type_check

import torch
import triton
import triton.language as tl
from torch import Tensor

ROWS, INNER = 64, 32  # patches and summed channels of a block
CHANNELS = 128  # at most: a block of scores, 64 × 128 float32, stays in registers


def decouple(patches: Tensor, labels: Tensor, weight: Tensor, precision: torch.dtype) -> Tensor:
    """Return SDA's features: (batch, patches, dims), (classes, dims) to (batch, classes, dims)."""
    batch, _, dims = patches.shape
    guides = labels.expand(batch, *labels.shape)
    return _each_class(patches, guides, weight, precision, pool=True).view(batch, -1, dims)


def shares(patches: Tensor, guides: Tensor, weight: Tensor, precision: torch.dtype) -> Tensor:
    """Return VFR's weights summed over classes, (batch, patches, dims); ``guides`` are its O."""
    totals = _each_class(patches, guides, weight, precision, pool=False)
    patches, guides, weight = patches.contiguous(), guides.contiguous(), weight.to(precision)
    found = torch.empty_like(patches)
    batch, count, dims = patches.shape
    channels = _channels(dims)
    _each_patch[(batch, triton.cdiv(count, ROWS), triton.cdiv(dims, channels))](
        patches, guides, weight.contiguous(), totals, found, guides.shape[1], count, dims,
        ROWS, channels, INNER, _input_precision(),
    )  # fmt: skip
    return found


def _each_class(
    patches: Tensor, guides: Tensor, weight: Tensor, precision: torch.dtype, *, pool: bool
) -> Tensor:
    patches, guides, weight = patches.contiguous(), guides.contiguous(), weight.to(precision)
    found = torch.empty_like(guides)
    batch, classes, dims = guides.shape
    channels = _channels(dims)
    _over_patches[(batch * classes, triton.cdiv(dims, channels))](
        patches, guides, weight.contiguous(), found, classes, patches.shape[1], dims, pool,
        ROWS, channels, INNER, _input_precision(),
    )  # fmt: skip
    return found


def _channels(dims: int) -> int:
    return int(min(CHANNELS, max(16, triton.next_power_of_2(dims))))


def _input_precision() -> str:
    """Return how float32 is multiplied, as PyTorch is told to."""
    return "ieee" if torch.get_float32_matmul_precision() == "highest" else "tf32"


@triton.jit
@no_type_check  # Triton reads the source; the tests' shape checks must not wrap it
def _scores(
    patches, guide, weight, rows, columns, count, dims,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr, INNER: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """W tanh(F ⊙ g) of a block of patches and channels; -inf beyond the last patch."""
    scores = tl.zeros((ROWS, CHANNELS), tl.float32)
    for first in range(0, dims, INNER):
        inner = first + tl.arange(0, INNER)
        there = inner < dims
        f = tl.load(
            patches + rows[:, None] * dims + inner[None, :],
            mask=(rows < count)[:, None] & there[None, :], other=0.0,
        )  # fmt: skip
        g = tl.load(guide + inner, mask=there, other=0.0)
        w = tl.load(
            weight + columns[None, :] * dims + inner[:, None],
            mask=(columns < dims)[None, :] & there[:, None], other=0.0,
        )  # fmt: skip
        z = 1 - 2 / (tl.exp(2 * f * g[None, :]) + 1)  # tanh; of ±inf it is ±1
        scores = tl.dot(z.to(w.dtype), w, scores, input_precision=PRECISION)
    return tl.where((rows < count)[:, None], scores, -float("inf"))


@triton.jit
@no_type_check
def _over_patches(
    patches, guides, weight, found, classes, count, dims, POOL: tl.constexpr,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr, INNER: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Of each class and channel: Σ_p a_p F_p (``POOL``), or log Σ_p exp(score_p)."""
    place = tl.program_id(0)  # image and class
    patches += (place // classes) * count * dims
    columns = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    top = tl.full((CHANNELS,), -float("inf"), tl.float32)
    total = tl.zeros((CHANNELS,), tl.float32)
    pooled = tl.zeros((CHANNELS,), tl.float32)
    for first in range(0, count, ROWS):
        rows = first + tl.arange(0, ROWS)
        scores = _scores(
            patches, guides + place * dims, weight, rows, columns, count, dims,
            ROWS, CHANNELS, INNER, PRECISION,
        )  # fmt: skip
        higher = tl.maximum(top, tl.max(scores, 0))
        shrink = tl.exp(top - higher)
        e = tl.exp(scores - higher[None, :])
        total = total * shrink + tl.sum(e, 0)
        if POOL:
            f = tl.load(
                patches + rows[:, None] * dims + columns[None, :],
                mask=(rows < count)[:, None] & (columns < dims)[None, :], other=0.0,
            )  # fmt: skip
            pooled = pooled * shrink + tl.sum(e * f, 0)
        top = higher
    result = pooled / total if POOL else top + tl.log(total)
    tl.store(found + place * dims + columns, result, mask=columns < dims)


@triton.jit
@no_type_check
def _each_patch(
    patches, guides, weight, totals, found, classes, count, dims,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr, INNER: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Σ over classes of exp(score - ``totals``), of a block of patches and channels of an image."""
    image = tl.program_id(0)
    rows = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    columns = tl.program_id(2) * CHANNELS + tl.arange(0, CHANNELS)
    patches += image * count * dims
    shares = tl.zeros((ROWS, CHANNELS), tl.float32)
    for i in range(image * classes, (image + 1) * classes):
        scores = _scores(
            patches, guides + i * dims, weight, rows, columns, count, dims,
            ROWS, CHANNELS, INNER, PRECISION,
        )  # fmt: skip
        total = tl.load(totals + i * dims + columns, mask=columns < dims, other=0.0)
        shares += tl.exp(scores - total[None, :])
    tl.store(
        found + image * count * dims + rows[:, None] * dims + columns[None, :], shares,
        mask=(rows < count)[:, None] & (columns < dims)[None, :],
    )  # fmt: skip
