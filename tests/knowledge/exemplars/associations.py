"""Random regions filed under tags, clustered in any way, and their exemplars."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline_lib.knowledge.exemplars.hierarchy import NOTHING, Exemplars, Filed, gather
from pipeline_lib.knowledge.exemplars.matching import Matches, Regions, match
from pipeline_lib.params.exemplars import Keep

IMAGES, STEPS, TAGS, CLASSES, DIMS = 12, 4, 5, 3, 3
KEEP = Keep(size=2, share=0.6)


@dataclass(frozen=True)
class World:
    """Regions of some images; those that are supervised have a tag and a cluster within it."""

    x: np.ndarray  # (images, steps, dims)
    beliefs: np.ndarray  # (images, steps, tags)
    classes: np.ndarray  # (images, classes)
    assigned: np.ndarray  # (images, steps)
    cluster: np.ndarray  # (images, steps), within the tag

    @property
    def filed(self) -> Filed:
        image, region = np.nonzero(self.assigned != NOTHING)
        order = np.lexsort((region, image, self.assigned[image, region]))
        image, region = image[order], region[order]
        tag = self.assigned[image, region]
        return Filed(image, region, tag, self.x[image, region], self.classes[image])

    def exemplars(self, keep: Keep = KEEP) -> Exemplars:
        filed = self.filed
        groups = filed.groups("tag")
        labels = [self.cluster[filed.image[own], filed.region[own]] for own in groups]
        return gather(filed, groups, labels, keep)

    def without(self, image: int) -> "World":
        assigned = self.assigned.copy()
        assigned[image] = NOTHING
        return replace(self, assigned=assigned)

    def regions(self, *, own: bool = True) -> Regions:
        """Regions to match; with ``own`` they are members of their prototypes."""
        member = np.full(self.assigned.shape, NOTHING)
        if own:
            filed = self.filed
            member[filed.image, filed.region] = self.exemplars().member
        return Regions(self.x, self.beliefs, member, self.classes)


def world(seed: int = 0, *, clusters: int = 3, images: int = IMAGES, multi: bool = False) -> World:
    rng = np.random.default_rng(seed)
    shape = (images, STEPS)
    classes = np.eye(CLASSES, dtype=bool)[rng.integers(CLASSES, size=images)]
    if multi:
        classes |= rng.random(classes.shape) < 0.2
    return World(
        x=rng.random((*shape, DIMS)).astype(np.float32),
        beliefs=rng.dirichlet(np.ones(TAGS), shape).astype(np.float32),
        classes=classes,
        assigned=np.where(rng.random(shape) < 0.7, rng.integers(TAGS, size=shape), NOTHING),
        cluster=rng.integers(clusters, size=shape),
    )


def matched(
    regions: Regions, exemplars: Exemplars, keep: Keep = KEEP, *, top_tags: int = 2,
    similarity: str = "jaccard",
) -> Matches:  # fmt: skip
    return match(regions, exemplars, keep, top_tags=top_tags, similarity=similarity)
