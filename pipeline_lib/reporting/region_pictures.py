"""Regions of images in pictures: boxes drawn over the image, and what the boxes show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.shards import REGIONS, Reader
from pipeline_lib.encoders.window import windows
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.crops import crop, outline
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.pictures import Picture, encoded
from pipeline_lib.targets import Target

DRAWN = 240  # pixels of the longer side of an image under boxes


@dataclass(frozen=True)
class Outline:
    """One region, in pixels of the drawing."""

    number: int
    points: str  # "x,y x,y …", as SVG wants it
    centre: tuple[float, float]
    tag: str  # the likeliest
    probability: float
    right: bool  # whether the image carries that tag


@dataclass(frozen=True)
class Thing:
    """One labelled object, in pixels of the drawing."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Overlay:
    """An image with its regions."""

    picture: Picture
    width: float
    height: float
    outlines: list[Outline]
    things: list[Thing]  # none where the data set has no boxes

    @property
    def named(self) -> list[tuple[str, float, bool, list[int]]]:
        """The tags that regions are taken for, surest first: probability, right, which regions."""
        found: dict[str, list[Outline]] = {}
        for one in sorted(self.outlines, key=lambda o: -o.probability):
            found.setdefault(one.tag, []).append(one)
        return [
            (tag, own[0].probability, own[0].right, sorted(o.number for o in own))
            for tag, own in found.items()
        ]


@dataclass(frozen=True)
class Located:
    """The regions of every image of a collection."""

    collection: Collection
    reader: Reader
    windows: np.ndarray  # (images, 4)
    tag_names: list[str]

    @classmethod
    def read(cls, regions: Path, maps: Path, collection: Collection) -> "Located | None":
        """Open what ``regions`` wrote, if a run needed it.

        Raises:
            InputError: it is damaged, or the maps it was found on are gone.
        """
        if not (regions / "index.parquet").exists():
            return None
        return cls(
            collection=collection,
            reader=REGIONS.open(regions, collection.ids),
            windows=windows(maps, collection.samples),
            tag_names=collection.tag_names,
        )

    @classmethod
    def of(cls, material: Material, target: Target) -> "Located | None":
        """Open what was found for a target, on the one set of maps that there is."""
        regions, maps = material.at("regions", target), material.one("maps")
        key = (cls, target)
        return material.once(key, lambda: cls.read(regions, maps, material.collection))

    def overlays(self, rows: Sequence[int]) -> list[Overlay]:
        """Draw all regions of some images."""
        if not len(rows):
            return []
        pixels = self.collection.images.pixels([int(row) for row in rows])
        theta, logits = self.reader.rows(rows, "theta"), self.reader.rows(rows, "tags")
        beliefs = softmax(logits.astype(np.float32))
        return [
            self._overlay(int(row), *parts)
            for row, *parts in zip(rows, pixels, theta, beliefs, strict=True)
        ]

    def _overlay(
        self, row: int, pixels: np.ndarray, theta: np.ndarray, beliefs: np.ndarray
    ) -> Overlay:
        sample = self.collection.samples.row(row, named=True)
        size = np.array([sample["width"], sample["height"]]) * (DRAWN / max(pixels.shape[:2]))
        outlines = [
            _outline(number, corners * size, own, self.tag_names, sample["tags"])
            for number, (corners, own) in enumerate(
                zip(outline(theta, self.windows[row]), beliefs, strict=True), 1
            )
        ]
        title = f"{sample['sample_id']}: {self.collection.label(row)}"
        picture = encoded(pixels, DRAWN).shown(self.collection.beside, title)
        things = [_thing(box, size, self.tag_names) for box in sample["boxes"] or []]
        width, height = size.round(1).tolist()
        return Overlay(picture, width, height, outlines, things)

    def crops(self, places: Iterable[tuple[int, int]]) -> list[Picture]:
        """Show what some regions see, given as rows and regions."""
        wanted = list(places)
        if not wanted:
            return []
        rows = [row for row, _ in wanted]
        theta = self.reader.rows(rows, "theta")
        ids = self.collection.samples["sample_id"]
        return [
            encoded(crop(pixels, boxes[region], self.windows[row])).shown(
                self.collection.beside,
                f"{ids[row]}: {self.collection.label(row)}, region {region + 1}",
                ids[row],
            )
            for (row, region), boxes, pixels in zip(
                wanted, theta, self.collection.images.pixels(rows), strict=True
            )
        ]


def _outline(
    number: int, corners: np.ndarray, beliefs: np.ndarray, tag_names: list[str], carried: list[int]
) -> Outline:
    tag = int(beliefs.argmax())
    x, y = corners.mean(0).round(1).tolist()
    return Outline(
        number=number,
        points=" ".join(f"{a:g},{b:g}" for a, b in corners.round(1).tolist()),
        centre=(x, y),
        tag=tag_names[tag],
        probability=float(beliefs[tag]),
        right=tag in carried,
    )


def _thing(box: dict[str, float], size: np.ndarray, tag_names: list[str]) -> Thing:
    x, y, width, height = (
        round(float(box[side] * along), 1)
        for side, along in zip("xywh", (*size, *size), strict=True)
    )
    return Thing(tag_names[int(box["tag"])], x, y, width, height)
