"""Intra-category semantic refinement: as many patches per label as it takes (C2SRT, Sec. 3.3).

paper       here           shape
F_p         patches        (batch, patches, dims)
f_txt       texts          (labels, dims), unit length
s, Eq. 4    similarity     (batch, labels, patches), cosine
k_1 … k_n   chosen         (batch, labels, patches), bool
f_L, Eq. 5  local          (batch, labels, dims)
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.nn.recording import images_at_hand
from pipeline_lib.nn.shapes import Bool, Float

Pool = Literal["mean", "score_weighted"]

CHUNK_BYTES = 256 * 2**20  # what ranking the patches of some labels may take
RANKING_BYTES = 40  # per patch and label: scores, their order, sums and masks


def local_features(
    patches: Float[Tensor, "batch patches dims"],
    texts: Float[Tensor, "labels dims"],
    *,
    alpha: float,
    most: int,
    temperature: float,
    pool: Pool,
    chunk: int = 0,
) -> Float[Tensor, "batch labels dims"]:
    """f_L of every label (Algorithm 1): the mean of the patches that are chosen for it.

    Args:
        patches: parts of images, not normalised; they are pooled as they are.
        texts: of the labels.
        alpha: of the score that the chosen patches hold together, 0 … 1.
        most: patches at most, N.
        temperature: of the softmax over patches.
        pool: "mean", or "score_weighted": by the patches' scores.
        chunk: labels whose patches are ranked at a time; 0: as many as fit. Changes no result.
    """
    size = chunk or _fitting(patches)
    parts = [
        _local(patches, part, alpha, most, temperature, pool) for part in torch.split(texts, size)
    ]
    return torch.cat(parts, 1)


def similarity(
    patches: Float[Tensor, "batch patches dims"], texts: Float[Tensor, "labels dims"]
) -> Float[Tensor, "batch labels patches"]:
    """Eq. 4, cosine; in single precision at least, since it is ranked by."""
    with torch.autocast(patches.device.type, enabled=False):
        wide = torch.promote_types(patches.dtype, torch.float32)
        unit = F.normalize(patches.to(wide), dim=2)
        return texts.to(wide) @ unit.transpose(1, 2)


def inner(
    vectors: Float[Tensor, "*batch dims"], texts: Float[Tensor, "labels dims"]
) -> Float[Tensor, "*batch labels"]:
    """Return ⟨v, t⟩, in single precision at least, since it is ranked by."""
    with torch.autocast(vectors.device.type, enabled=False):
        wide = torch.promote_types(vectors.dtype, torch.float32)
        return vectors.to(wide) @ texts.to(wide).T


def best_patches(
    similarity: Float[Tensor, "batch labels patches"], *, most: int
) -> Float[Tensor, "batch labels"]:
    """Mean of the ``most`` highest similarities of each label, or of all there are.

    MKT, Eq. 4; SigRL, Eq. 13.
    """
    return similarity.topk(min(most, similarity.shape[2]), dim=2).values.mean(2)


@torch.no_grad()
def choose(
    similarity: Float[Tensor, "batch labels patches"],
    *,
    alpha: float,
    most: int,
    temperature: float,
) -> Bool[Tensor, "batch labels patches"]:
    """Lines 3-10 of Algorithm 1: best first, until their scores sum to α or N are taken.

    Deviation: without a temperature the softmax over cosines of many patches is almost flat, so
    that N always binds. Deviation: patches are taken best first, as the algorithm says; the order
    of Sec. 3.3 is printed the wrong way round. Of equal patches the first one is taken.
    """
    scores = (similarity / temperature).softmax(2)
    ranked, order = scores.sort(dim=2, descending=True, stable=True)
    before = ranked.cumsum(2) - ranked  # what the better ones hold
    taken = before < alpha
    taken[..., 0] = True  # in low precision 'before' of the best may not be 0
    taken[..., most:] = False
    return torch.zeros_like(taken).scatter_(2, order, taken)


def _local(
    patches: Tensor, texts: Tensor, alpha: float, most: int, temperature: float, pool: Pool
) -> Tensor:
    weighted = pool == "score_weighted"
    with torch.set_grad_enabled(torch.is_grad_enabled() and weighted):
        cosine = similarity(patches, texts)
        chosen = choose(cosine, alpha=alpha, most=most, temperature=temperature)
        scores = cosine / temperature if weighted else torch.zeros_like(cosine)
        weights = scores.masked_fill(~chosen, -torch.inf).softmax(2)
    return weights.to(patches.dtype) @ patches


def _fitting(patches: Tensor) -> int:
    count = int(patches.shape[1])
    return max(1, CHUNK_BYTES // max(1, images_at_hand(patches) * count * RANKING_BYTES))
