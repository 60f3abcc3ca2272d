"""Where the objects of a picture stand, so that each of them stays visible."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from numpy.random import Generator

from pipeline_lib.datasets.scenes.backgrounds.background import Background, Zone
from pipeline_lib.datasets.scenes.catalogue import Thing
from pipeline_lib.datasets.scenes.picture import Edges, Gain, Placed

TRIES = 12  # places tried per size
SMALLER = (1.0, 0.8, 0.65)  # factors tried in turn for one object
CLOSER = (1.0, 0.85, 0.7, 0.55, 0.4)  # factors tried in turn for all objects of a picture
CROWDED = 0.33  # share of a box that others may overlap
WIDEST = 0.66  # of an object, in widths of the picture
FARTHEST = 0.85  # size of what stands at the far edge of its zone, relative to the near edge
OUTSIDE = 0.05  # share of an object's width that the picture's edge may cut off
MARGIN = 0.02  # free above an object


def arrange(
    needed: list[str],
    others: list[str],
    things: dict[str, Thing],
    background: Background,
    rng: Generator,
    *,
    scale: float = 1.0,
) -> list[Placed]:
    """Place the ``needed`` objects, if need be smaller, then each other one that finds room.

    ``scale`` is a factor of every height.
    """
    for size in CLOSER:
        layout = _Layout(background, size * scale)
        room = [layout.add(name, things[name], rng, needed=True) for name in needed]
        if all(room):
            break
    for name in others:
        layout.add(name, things[name], rng, needed=False)
    return layout.objects


@dataclass
class _Layout:
    """The objects placed so far."""

    background: Background
    size: float  # factor of all heights
    objects: list[Placed] = field(default_factory=list)
    _edges: list[Edges] = field(default_factory=list)  # of each object
    _overlap: list[float] = field(default_factory=list)  # share of each box that others overlap

    def add(self, name: str, thing: Thing, rng: Generator, *, needed: bool) -> bool:
        """Tell whether there is room for one more object; place it if so, or if it is needed."""
        place, zone = self.background.zone(thing.stands)
        model = Placed(
            name=name,
            variant=thing.variants[int(rng.integers(len(thing.variants)))],
            place=place,
            x=0.0,
            foot=0.0,
            height=1.0,
            tilt=float(rng.uniform(-thing.tilt, thing.tilt)),
            flipped=bool(rng.random() < 0.5) and thing.flip,
            colour=thing.colours[int(rng.integers(len(thing.colours)))],
            gain=gain(rng),
        )
        height = float(rng.uniform(*thing.height)) * self.size
        chosen, crowding = self._least_crowded(model, height, zone, rng)
        if needed or crowding < CROWDED:
            self._keep(chosen)
        return crowding < CROWDED

    def _least_crowded(
        self, model: Placed, height: float, zone: Zone, rng: Generator
    ) -> tuple[Placed, float]:
        left, top, right, bottom = model.sketch.extent()
        best, least = (0.5, zone[1], height), float("inf")
        for x, foot, scale in _spots(right - left, bottom - top, height, zone, rng):
            half = (right - left) * scale / 2
            crowding = self._crowding((x - half, foot - (bottom - top) * scale, x + half, foot))
            if crowding < least:
                best, least = (x, foot, scale), crowding
            if least < CROWDED:
                break
        return replace(model, x=best[0], foot=best[1], height=best[2]), least

    def _crowding(self, edges: Edges) -> float:
        """Return the largest overlapped share of any box, if one with ``edges`` were added."""
        common = [_area(_meet(edges, other)) for other in self._edges]
        shares = zip(self._overlap, common, self._edges, strict=True)
        others = [before + more / _area(other) for before, more, other in shares if more]
        return max([sum(common) / _area(edges), *others])

    def _keep(self, chosen: Placed) -> None:
        edges = chosen.sketch.extent()
        common = [_area(_meet(edges, other)) for other in self._edges]
        for i, more in enumerate(common):
            self._overlap[i] += more / _area(self._edges[i])
        self.objects.append(chosen)
        self._edges.append(edges)
        self._overlap.append(sum(common) / _area(edges))


def gain(rng: Generator) -> Gain:
    """Return factors that make a colour a little lighter, darker or warmer."""
    red, green, blue = (rng.uniform(0.9, 1.08) * rng.uniform(0.96, 1.04, 3)).tolist()
    return red, green, blue


def _spots(
    width: float, height: float, wanted: float, zone: Zone, rng: Generator
) -> Iterator[tuple[float, float, float]]:
    """Yield x, foot and scale of places to try, for a thing of this size at scale 1."""
    for size in SMALLER:
        for across, depth in rng.random((TRIES, 2)).tolist():
            foot = zone[0] + (zone[1] - zone[0]) * depth
            scale = wanted * size * (FARTHEST + (1 - FARTHEST) * depth)
            scale = min(scale, WIDEST / width, (foot - MARGIN) / height)
            half = width * scale * (0.5 - OUTSIDE)
            yield half + (1 - 2 * half) * across, foot, scale


def _meet(a: Edges, b: Edges) -> Edges:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _area(edges: Edges) -> float:
    return max(0.0, edges[2] - edges[0]) * max(0.0, edges[3] - edges[1])
