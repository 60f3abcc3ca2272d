"""Match regions with exemplars and refine their tags (VSCNet, Eqs. 6-7).

Regions of a training image are matched with exemplars from which the image's own regions have been
taken out: means, sizes and histograms are what they would be had the image not been there. Training
would otherwise see purer matches than a test ever will.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.knowledge.exemplars.hierarchy import NOTHING, Exemplars, Kept, kept

PAIRS_AT_ONCE = 2**24  # numbers in one table of differences


@dataclass(frozen=True)
class Regions:
    """The regions of some images."""

    x: np.ndarray  # (images, J, dims), scaled to 0…1
    tags: np.ndarray  # (images, J, tags), probabilities
    member: np.ndarray  # (images, J), the prototype that a region belongs to, or -1
    classes: np.ndarray  # multi-hot (images, classes); read of members only


@dataclass(frozen=True)
class Matches:
    """What each region was matched with."""

    prototype: np.ndarray  # (images, J), or -1
    similarity: np.ndarray  # (images, J), 0…1; 0 where nothing was matched
    x: np.ndarray  # (images, J, dims), the prototype's mean
    beliefs: np.ndarray  # (images, J, classes), P_r: its class histogram, sums to 1 or is 0


@dataclass(frozen=True)
class _Without:
    """Prototypes without the regions of one image that belong to them: one entry per pair."""

    image: np.ndarray  # (pairs,)
    prototype: np.ndarray  # (pairs,)
    mean: np.ndarray  # (pairs, dims)
    counts: np.ndarray  # (pairs, classes)
    eligible: np.ndarray  # (pairs,) bool


def match(
    regions: Regions, exemplars: Exemplars, keep: Kept, *, top_tags: int, similarity: str
) -> Matches:
    """Eq. 6: for each of a region's likeliest tags, search the retained prototypes of that tag.

    The best product of similarity and tag probability wins. A tag that has no retained prototype
    searches those of all tags.
    """
    without = _leave_out(regions, exemplars, keep)
    order = np.argsort(-regions.tags, axis=2, kind="stable")[:, :, :top_tags]
    image, step, _ = (a.ravel() for a in np.indices(order.shape))
    tag = order.ravel()
    probability = regions.tags[image, step, tag]
    best = np.full(len(tag), -1.0)  # of each (region, tag): the similarity, …
    found = np.full(len(tag), NOTHING)  # … and the prototype
    for wanted in np.unique(tag):
        rows = np.flatnonzero(tag == wanted)
        own = np.flatnonzero(exemplars.tag == wanted)
        _search(rows, own, image, step, regions, exemplars, without, similarity, best, found)
    rest = np.flatnonzero(found == NOTHING)
    # without an image's regions a discarded prototype may be pure enough
    everything = np.union1d(np.flatnonzero(exemplars.retained), without.prototype[without.eligible])
    _search(rest, everything, image, step, regions, exemplars, without, similarity, best, found)
    score = np.where(found == NOTHING, -1.0, best * probability).reshape(order.shape)
    first = score.argmax(2)[:, :, None]
    prototype = np.take_along_axis(found.reshape(order.shape), first, 2)[:, :, 0]
    closeness = np.take_along_axis(best.reshape(order.shape), first, 2)[:, :, 0]
    return _matches(prototype, np.maximum(closeness, 0), exemplars, without)


def tag_distribution(
    regions: Regions, exemplars: Exemplars, keep: Kept, *, similarity: str, temperature: float
) -> np.ndarray:
    """Return t_r of Eq. 7: softmax over tags of the best similarity to each tag's exemplars.

    (images, J, tags); a tag without exemplar has 0. Nothing of the region's own tags goes into it,
    so it may rank them anew, where the matched tag alone only makes the likeliest one surer.
    """
    without = _leave_out(regions, exemplars, keep)
    image, step, _ = (a.ravel() for a in np.indices(regions.tags.shape))
    best, found = np.full(len(image), -1.0), np.full(len(image), NOTHING)
    for tag in np.unique(exemplars.tag):
        rows = np.arange(tag, len(image), regions.tags.shape[2])
        own = np.flatnonzero(exemplars.tag == tag)
        _search(rows, own, image, step, regions, exemplars, without, similarity, best, found)
    closest = best.reshape(regions.tags.shape)
    weight = np.exp((closest - closest.max(2, keepdims=True)) / temperature)
    weight = weight * (found != NOTHING).reshape(weight.shape)
    total = np.maximum(weight.sum(2, keepdims=True), np.finfo(np.float64).tiny)
    distribution: np.ndarray = weight / total
    return distribution


def of_one_tag(tag: np.ndarray, count: int) -> np.ndarray:
    """Return distributions (…, count) that are certain of a tag; all 0 where it is -1."""
    certain: np.ndarray = (np.arange(count) == tag[..., None]).astype(np.float64)
    return certain


def refine(raw: np.ndarray, semantic: np.ndarray, alpha: float) -> np.ndarray:
    """Eq. 7: (1 - α) softmax(t) + α t_r.

    Deviation: the text takes the softmax of t_r as well, which is nearly uniform over hundreds of
    tags; t_r is a distribution already.

    Args:
        raw: probabilities (images, J, tags).
        semantic: t_r, of the same shape; all 0 leaves a region as it is.
        alpha: the weight of semantic filtering.
    """
    share = np.where(semantic.any(2, keepdims=True), alpha, 0.0)
    refined: np.ndarray = ((1 - share) * raw + share * semantic).astype(raw.dtype)
    return refined


def image_beliefs(matches: Matches) -> np.ndarray:
    """P_k of Eq. 14: the mean of P_r over regions, weighted by similarity (images, classes)."""
    weight = matches.similarity[:, :, None]
    total = (weight * matches.beliefs).sum(1)
    mean: np.ndarray = total / np.maximum(total.sum(1, keepdims=True), np.finfo(np.float64).tiny)
    return mean


def similarities(x: Tensor, means: Tensor, kind: str) -> Tensor:
    """Compare every row of x (rows, dims) with every mean (prototypes, dims), 0…1.

    "jaccard" is |I ∧ W| / |I ∨ W| of the complement codes I = (x, 1 - x), which is
    (m - d) / (m + d) with d the L1 distance and m the number of dimensions.
    """
    if kind == "cosine":
        unit, units = (torch.nn.functional.normalize(a, dim=1) for a in (x, means))
        return (unit @ units.T).clamp(0, 1)
    return _jaccard(torch.cdist(x, means, p=1), x.shape[1])


def _jaccard(distance: Tensor, dims: int) -> Tensor:
    """Turn an L1 distance of 0…dims into 0…1; rounding may lead out of either range."""
    return ((dims - distance) / (dims + distance)).clamp(min=0)


def _search(
    rows: np.ndarray, candidates: np.ndarray, image: np.ndarray, step: np.ndarray,
    regions: Regions, exemplars: Exemplars, without: _Without, kind: str,
    best: np.ndarray, found: np.ndarray,
) -> None:  # fmt: skip
    """Find the best candidate of each row; ``best`` and ``found`` are changed in place."""
    if not len(candidates):
        return
    means = torch.from_numpy(exemplars.mean[candidates])
    place = np.full(len(exemplars), NOTHING)
    place[candidates] = np.arange(len(candidates))
    for piece in _pieces(rows, len(candidates)):
        x = torch.from_numpy(regions.x[image[piece], step[piece]].astype(np.float64))
        table = similarities(x, means, kind)
        table[:, ~exemplars.retained[candidates]] = -1.0
        _correct(table, x, image[piece], place, without, kind)
        value, chosen = table.max(1)
        some = value.numpy() >= 0
        best[piece[some]] = value.numpy()[some]
        found[piece[some]] = candidates[chosen.numpy()[some]]


def _correct(
    table: Tensor, x: Tensor, image: np.ndarray, place: np.ndarray, without: _Without, kind: str
) -> None:
    """Replace the similarities to prototypes that hold regions of the row's own image."""
    entry = np.flatnonzero(place[without.prototype] != NOTHING)
    row, which = _joined(image, without.image[entry])
    if not len(row):
        return
    entry = entry[which]
    pairs, means = x[row], torch.from_numpy(without.mean[entry])
    if kind == "cosine":
        value = torch.cosine_similarity(pairs, means).clamp(0, 1)
    else:
        value = _jaccard((pairs - means).abs().sum(1), x.shape[1])
    value[~torch.from_numpy(without.eligible[entry])] = -1.0
    table[torch.from_numpy(row), torch.from_numpy(place[without.prototype[entry]])] = value


def _joined(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of positions with left[i] == right[j]."""
    order = np.argsort(right, kind="stable")
    start = np.searchsorted(right[order], left, "left")
    count = np.searchsorted(right[order], left, "right") - start
    i = np.repeat(np.arange(len(left)), count)
    within = np.arange(len(i)) - np.repeat(count.cumsum() - count, count)
    return i, order[np.repeat(start, count) + within]


def _leave_out(regions: Regions, exemplars: Exemplars, keep: Kept) -> _Without:
    """Take the regions of each image out of the prototypes that they belong to."""
    image, step = np.nonzero(regions.member != NOTHING)
    member = regions.member[image, step]
    pairs, which = np.unique(np.stack([image, member], 1), axis=0, return_inverse=True)
    of, prototype = pairs[:, 0], pairs[:, 1]
    taken = np.bincount(which.ravel(), minlength=len(pairs))
    sums = np.zeros((len(pairs), regions.x.shape[2]))
    np.add.at(sums, which.ravel(), regions.x[image, step])
    size = exemplars.size[prototype] - taken
    counts = exemplars.counts[prototype] - taken[:, None] * regions.classes[of]
    total = exemplars.mean[prototype] * exemplars.size[prototype][:, None] - sums
    return _Without(
        image=of,
        prototype=prototype,
        mean=total / np.maximum(size, 1)[:, None],
        counts=counts,
        eligible=(size > 0) & kept(size, counts, keep),
    )


def _matches(
    prototype: np.ndarray, similarity: np.ndarray, exemplars: Exemplars, without: _Without
) -> Matches:
    """Look up what was matched, without the image's own regions."""
    some = prototype != NOTHING
    x = np.where(some[:, :, None], exemplars.mean[prototype], 0.0)
    counts = np.where(some[:, :, None], exemplars.counts[prototype], 0)
    image, step = np.nonzero(some)
    keys, known = (
        a * (len(exemplars) + 1) + p
        for a, p in ((image, prototype[some]), (without.image, without.prototype))
    )
    i, entry = _joined(keys, known)
    x[image[i], step[i]] = without.mean[entry]
    counts[image[i], step[i]] = without.counts[entry]
    beliefs = counts / np.maximum(counts.sum(2, keepdims=True), 1)
    return Matches(prototype, np.where(some, similarity, 0.0), x, beliefs)


def _pieces(rows: np.ndarray, width: int) -> Iterator[np.ndarray]:
    size = max(1, PAIRS_AT_ONCE // max(width, 1))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
