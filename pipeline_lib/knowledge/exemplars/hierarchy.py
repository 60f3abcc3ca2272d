"""The hierarchy of visual and semantic exemplars: prototype → tag → class (VSCNet, Eq. 5).

Every supervised region of a training image is filed under its tag, and the regions of a tag are
clustered. A cluster that is large and pure enough becomes an exemplar; the others are kept, marked,
so that they can be shown.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pipeline_lib.clustering.histogram import histogram
from pipeline_lib.clustering.result import NOISE, sizes

NEAREST = 8  # members that illustrate a prototype
NOTHING = -1


class Kept(Protocol):
    """Which clusters become exemplars."""

    size: int
    share: float


@dataclass(frozen=True)
class Filed:
    """The supervised regions of the training images, by tag and then by image."""

    image: np.ndarray  # (regions,), row of the sample table, ascending within a tag
    region: np.ndarray  # (regions,), 0 … J-1
    tag: np.ndarray  # (regions,), ascending
    x: np.ndarray  # (regions, dims), scaled to 0…1
    classes: np.ndarray  # multi-hot (regions, classes), of the image

    def __len__(self) -> int:
        return len(self.image)

    def groups(self, condition: str) -> list[np.ndarray]:
        """Return the positions of the regions that are clustered together.

        Args:
            condition: "tag", or "tag_and_class", where an image of several classes counts under
                its first one.

        Deviation: the text clusters the regions of the same tag *and* class. Every cluster is then
        pure, and nothing would ever be discarded (Fig. 6); "tag" lets the members vote.
        """
        keys = [self.tag]
        if condition == "tag_and_class":
            keys.append(self.classes.argmax(1))
        _, group = np.unique(np.stack(keys, 1), axis=0, return_inverse=True)
        return [np.flatnonzero(group == g) for g in range(group.max() + 1)] if len(self) else []


@dataclass(frozen=True)
class Exemplars:
    """Prototypes of all tags, discarded ones among them."""

    tag: np.ndarray  # (prototypes,), ascending
    mean: np.ndarray  # (prototypes, dims) float64, of the members' scaled descriptors
    counts: np.ndarray  # (prototypes, classes), members whose image carries the class
    size: np.ndarray  # (prototypes,)
    retained: np.ndarray  # (prototypes,) bool
    member: np.ndarray  # (filed regions,), the prototype of each, or -1: noise

    def __len__(self) -> int:
        return len(self.tag)


def gather(
    filed: Filed, groups: Sequence[np.ndarray], labels: Sequence[np.ndarray], keep: Kept
) -> Exemplars:
    """Number the clusters of all groups and describe them; empty clusters vanish.

    Args:
        filed: the regions.
        groups: positions of the regions of each group.
        labels: the cluster of each of them, within its group; noise belongs to no prototype.
        keep: which clusters become exemplars.
    """
    member = np.full(len(filed), NOISE, np.int64)
    count = 0
    for positions, own in zip(groups, labels, strict=True):
        held = own != NOISE
        names, number = np.unique(own[held], return_inverse=True)
        member[positions[held]] = count + number
        count += len(names)
    held = member != NOISE
    size = sizes(member, count)
    total = np.zeros((count, filed.x.shape[1]))
    np.add.at(total, member[held], filed.x[held])
    counts = histogram(member, filed.classes, count)
    tag = np.zeros(count, np.int64)
    tag[member[held]] = filed.tag[held]
    return Exemplars(
        tag=tag,
        mean=total / size[:, None],
        counts=counts,
        size=size,
        retained=kept(size, counts, keep),
        member=member,
    )


def kept(size: np.ndarray, counts: np.ndarray, keep: Kept) -> np.ndarray:
    """Say which clusters are large enough and held by one class; Fig. 6 gives no rule.

    Args:
        size: members (…,).
        counts: members by class (…, classes).
        keep: the bounds.
    """
    share = counts.max(-1) / np.maximum(size, 1)  # 55 of 100 is 0.55, but 0.55 · 100 > 55
    found: np.ndarray = (size >= keep.size) & (share >= keep.share)
    return found


def nearest_members(filed: Filed, exemplars: Exemplars) -> list[np.ndarray]:
    """Return the positions of the members nearest to each prototype (L1), at most NEAREST."""
    held = np.flatnonzero(exemplars.member != NOISE)
    member = exemplars.member[held]
    distance = np.abs(filed.x[held] - exemplars.mean[member]).sum(1)
    order = held[np.lexsort((held, distance, member))]
    starts = np.searchsorted(exemplars.member[order], np.arange(len(exemplars) + 1))
    return [order[start : min(end, start + NEAREST)] for start, end in itertools.pairwise(starts)]
