"""How well boxes find objects: overlap, and whether they point at the right one.

Boxes are (left, top, right, bottom) in fractions of the image. Objects are given as a table with
one row per object: its image, its tag, its box.

mean_best_iou        the best intersection over union that any region of the image has with an
                     object, averaged over objects
pointing_accuracy    whether the centre of the region that names a tag most surely lies in an object
                     of that tag, averaged over the tags of the images
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Objects:
    """The objects of some images, in the order of the images."""

    image: np.ndarray  # (objects,), position of the image
    tag: np.ndarray  # (objects,)
    box: np.ndarray  # (objects, 4)

    def __len__(self) -> int:
        return len(self.image)


def hull(theta: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return the upright boxes around affine boxes, in fractions of the image, (…, 4).

    Args:
        theta: (images, regions, 2, 3) in -1…1 of what the network saw.
        window: (images, 4), the part of each image that it saw.
    """
    half = np.abs(theta[..., :2]).sum(-1)
    low, high = (theta[..., 2] - half + 1) / 2, (theta[..., 2] + half + 1) / 2
    origin, size = window[:, None, :2], (window[:, 2:] - window[:, :2])[:, None]
    return np.concatenate([origin + low * size, origin + high * size], -1)


def iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the intersection over union of boxes (…, 4), broadcast; 0 where a box is empty."""
    low = np.maximum(boxes[..., :2], others[..., :2])
    high = np.minimum(boxes[..., 2:], others[..., 2:])
    common = np.clip(high - low, 0, None).prod(-1)
    union = _area(boxes) + _area(others) - common
    share: np.ndarray = np.divide(common, union, out=np.zeros(common.shape), where=union > 0)
    return share


def best_iou(regions: np.ndarray, objects: Objects) -> np.ndarray:
    """Return the best overlap of each object with a region (images, regions, 4) of its image."""
    visible = np.clip(regions, 0, 1)
    best: np.ndarray = iou(visible[objects.image], objects.box[:, None]).max(1)
    return best


def pointing(regions: np.ndarray, evidence: np.ndarray, objects: Objects) -> np.ndarray:
    """Return 1 for each tag of each image that the surest region points at, else 0.

    Args:
        regions: (images, regions, 4).
        evidence: of each tag in each region (images, regions, tags); equal values share the point
            evenly, so that constant evidence gives the accuracy of a region chosen at random.
        objects: of the images.
    """
    centre = (regions[..., :2] + regions[..., 2:]) / 2
    inside = (
        (centre[objects.image] >= objects.box[:, None, :2])
        & (centre[objects.image] <= objects.box[:, None, 2:])
    ).all(-1)  # (objects, regions)
    pairs, which = np.unique(np.stack([objects.image, objects.tag], 1), axis=0, return_inverse=True)
    hit = np.zeros((len(pairs), regions.shape[1]), bool)
    np.logical_or.at(hit, which.ravel(), inside)
    own = evidence[pairs[:, 0], :, pairs[:, 1]]
    surest = own == own.max(1, keepdims=True)
    share: np.ndarray = (hit & surest).sum(1) / surest.sum(1)
    return share


def random_regions(images: int, regions: int, scale: tuple[float, float], seed: int) -> np.ndarray:
    """Draw boxes inside the image, width and height uniform in ``scale``, (images, regions, 4)."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(*scale, (images, regions, 2))
    low = rng.uniform(0, 1, (images, regions, 2)) * (1 - size)
    return np.concatenate([low, low + size], -1)


def grid_regions(regions: int) -> np.ndarray:
    """Tile the image with boxes in floor(sqrt(regions)) rows as equal as can be, (regions, 4)."""
    rows = int(np.sqrt(regions))
    tiles = []
    for row in range(rows):
        columns = regions // rows + (row >= rows - regions % rows)
        for column in range(columns):
            tiles.append((column / columns, row / rows, (column + 1) / columns, (row + 1) / rows))
    return np.asarray(tiles)


def _area(boxes: np.ndarray) -> np.ndarray:
    area: np.ndarray = np.clip(boxes[..., 2:] - boxes[..., :2], 0, None).prod(-1)
    return area
