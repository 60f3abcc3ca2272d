"""What runs explain their answers with: regions and exemplars, and patches of labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

import numpy as np

from pipeline_lib.encoders.window import window
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.reporting.backdrops import Backdrops
from pipeline_lib.reporting.crops import outline
from pipeline_lib.reporting.exemplar_pictures import Matched
from pipeline_lib.reporting.region_pictures import Located
from pipeline_lib.reporting.shown import Shown

WHOLE = 1000  # what a share of an image, or a probability, of 1 is written as
MATCHES = 3  # prototypes of an image, the most similar to one of its regions first
MEMBERS = 3  # training images that a prototype is shown by
TAGS = 8  # of an image, the likeliest after refinement first
SIDE = 224  # pixels; of a model's input, where only its window matters


def whole(values: np.ndarray) -> list[int]:
    """Write shares as integers, which a file of data is shorter by."""
    found: list[int] = (values * WHOLE).round().astype(int).ravel().tolist()
    return found


def regions(located: Located, rows: np.ndarray) -> list[list[int]]:
    """Return the regions of each image: 4 corners (x, y), the likeliest tag, its probability."""
    if not len(rows):
        return []
    theta = located.reader.rows(rows, "theta")
    beliefs = softmax(located.reader.rows(rows, "tags").astype(np.float32))
    corners = outline(theta, located.windows[rows][:, None, None])
    every = np.concatenate(
        [
            np.round(corners.reshape(*theta.shape[:2], -1) * WHOLE),
            beliefs.argmax(2)[..., None],
            np.round(beliefs.max(2)[..., None] * WHOLE),
        ],
        2,
    )
    found: list[list[int]] = every.astype(int).reshape(len(rows), -1).tolist()
    return found


@dataclass(frozen=True)
class Exemplars:
    """What regions of images were matched with."""

    matched: Matched
    prototypes: list[int]  # that are shown, ascending
    matches: list[list[tuple[int, float]]]  # of each image: prototypes and their similarity

    @property
    def members(self) -> np.ndarray:
        """The rows of the training images that they are shown by."""
        found = [row for p in self.prototypes for row, _ in self.matched.members(p, MEMBERS)]
        return np.array(sorted(set(found)), np.int64)

    def described(self, place: Mapping[int, int]) -> dict[int, list[object]]:
        """Describe prototypes: tag, retained, size, the commonest class, its share, pictures.

        A picture is the place of an image among those shown, and the corners of a region in it.
        """
        return {prototype: self._described(prototype, place) for prototype in self.prototypes}

    def _described(self, prototype: int, place: Mapping[int, int]) -> list[object]:
        located, about = self.matched.located, self.matched.prototypes.row(prototype, named=True)
        members = self.matched.members(prototype, MEMBERS)
        theta = located.reader.rows([row for row, _ in members], "theta")
        pictures = [
            [place[row], *whole(outline(boxes[region], located.windows[row]))]
            for (row, region), boxes in zip(members, theta, strict=True)
        ]
        counts = [int(about[name]) for name in ("tag", "retained", "size", "majority")]
        return [*counts, *whole(np.array(about["share"])), pictures]


def exemplars(matched: Matched, rows: np.ndarray, known: Sequence[int] | None) -> Exemplars:
    """Find the prototypes that regions of some images are most like, of those ``known`` if any."""
    found: list[list[tuple[int, float]]] = []
    if len(rows):
        of_regions = matched.reader.rows(rows, "matched")
        similarity = matched.reader.rows(rows, "similarity").astype(np.float64)
        found = [_best(*pair, known) for pair in zip(of_regions, similarity, strict=True)]
    every = sorted({prototype for one in found for prototype, _ in one})
    return Exemplars(matched, list(known) if known is not None else every, found)


def _best(
    matched: np.ndarray, similarity: np.ndarray, known: Sequence[int] | None
) -> list[tuple[int, float]]:
    best: dict[int, float] = {}
    for region in np.argsort(-similarity, kind="stable"):
        prototype = int(matched[region])
        if prototype >= 0 and (known is None or prototype in known):
            best.setdefault(prototype, float(similarity[region]))
    return list(best.items())[:MATCHES]


def refined(matched: Matched, rows: np.ndarray) -> list[list[int]]:
    """Return tags of each image with what its regions believe before and after refinement."""
    if not len(rows):
        return []
    tags, raw, after = (matched.reader.rows(rows, name) for name in ("tags", "raw", "refined"))
    image = np.broadcast_to(np.arange(len(rows))[:, None, None], tags.shape)[tags >= 0]
    place = (image, tags[tags >= 0])
    before, then = (np.zeros((len(rows), len(matched.located.tag_names))) for _ in range(2))
    np.maximum.at(before, place, raw[tags >= 0])
    np.maximum.at(then, place, after[tags >= 0])
    likely = np.argsort(-then, axis=1, kind="stable")[:, :TAGS]
    shares = [np.round(np.take_along_axis(of, likely, 1) * WHOLE) for of in (before, then)]
    found: list[list[int]] = (
        np.stack([likely, *shares], 2).astype(int).reshape(len(rows), -1).tolist()
    )
    return found


def patches(shown: Shown, backdrops: Backdrops, place: Mapping[int, int]) -> dict[int, object]:
    """Return the patches that labels were recognised by, of the images that a run kept.

    Args:
        shown: what it kept.
        backdrops: how its model cuts images.
        place: of rows of the sample table among the images shown.

    Returns:
        By that place: the window of the model (left, top, right, bottom), the patches on a side,
        and for each label the positions of its patches.
    """
    if shown.best is None:
        return {}
    test = backdrops.collection.rows("test")
    found: dict[int, object] = {}
    for i, position in enumerate(shown.images.tolist()):
        row = int(test[position])
        if row in place:
            sample = backdrops.collection.samples.row(row, named=True)
            size = (np.array([sample[side]]) for side in ("width", "height"))
            seen = window(*size, crop_pct=1.0, crop_mode=backdrops.mode, size=SIDE)[0]
            labels = [
                [int(label), *np.flatnonzero(of).tolist()]
                for label, of in zip(shown.labels[i], shown.best[i], strict=False)
            ]
            found[place[row]] = [whole(seen), isqrt(shown.best.shape[2]), labels]
    return found
