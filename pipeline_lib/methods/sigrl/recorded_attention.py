"""Attention of every class to every patch in plain operations, which a graph can hold.

The formulas are those of semantic_attention.py, whose buffers and chunks depend on the number of
images. A graph has a fixed number of chunks of classes instead; they change no value but its last
bits.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from pipeline_lib.methods.sigrl.class_chunks import classes_at_a_time
from pipeline_lib.nn.shapes import Float


def features(
    patches: Float[Tensor, "batch patches dims"],
    labels: Float[Tensor, "classes dims"],
    weight: Float[Tensor, "dims dims"],
    *,
    chunk: int,
) -> Float[Tensor, "batch classes dims"]:
    """SDA, Eqs. 5-7; see ``semantic_attention.decouple``."""
    found = [
        (_attention(patches, labels[None, part], weight) * patches[:, None]).sum(2)
        for part in _parts(patches, len(labels), chunk)
    ]
    return torch.cat(found, 1)


def shares(
    patches: Float[Tensor, "batch patches dims"],
    seen: Float[Tensor, "batch classes dims"],
    mixing: Float[Tensor, "batch dims dims"],
    shift: Float[Tensor, "classes dims"],
    weight: Float[Tensor, "dims dims"],
    *,
    chunk: int,
) -> Float[Tensor, "batch patches dims"]:
    """VFR, Eqs. 10-12, before the product with the patches; see ``reconstruct``."""
    total = torch.zeros_like(patches)
    for part in _parts(patches, len(shift), chunk):
        total = total + _attention(patches, seen[:, part] @ mixing + shift[part], weight).sum(1)
    return total


def _attention(patches: Tensor, guides: Tensor, weight: Tensor) -> Tensor:
    """Return a, (batch, classes, patches, dims)."""
    return (torch.tanh(patches[:, None] * guides[:, :, None]) @ weight.T).softmax(2)


def _parts(patches: Tensor, classes: int, chunk: int) -> Iterator[slice]:
    size = classes_at_a_time(patches, classes, chunk)
    for start in range(0, classes, size):
        yield slice(start, start + size)
