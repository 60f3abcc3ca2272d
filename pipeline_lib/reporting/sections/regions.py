"""Section "Regions": where CSNet looks, what it sees there, and how well it finds objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.figures.histogram import Histogram, histogram
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.region_pictures import Located, Overlay
from pipeline_lib.reporting.section import Section
from pipeline_lib.targets import Target

SHOWN = 8  # images, of as many classes
PLACES = {
    "scale x (θ₁₁)": (0, 0),
    "scale y (θ₂₂)": (1, 1),
    "shift x (θ₁₃)": (0, 2),
    "shift y (θ₂₃)": (1, 2),
}
NEAR, MOSTLY = 0.01, 0.5  # of the whole width or height; of the regions
MEASURES = {
    "mean_best_iou": "mean best IoU",
    "pointing_accuracy": "pointing accuracy",
}
RIVALS = {"": "regions", "_any_region": "any region", "_random": "random", "_grid": "grid"}


@dataclass(frozen=True)
class Measure:
    """One measure on one split."""

    split: str
    objects: int
    name: str
    estimates: list[Estimate | None]  # in the order of RIVALS; None where it makes no sense
    better: bool  # whether the interval lies above those of random regions and of the grid


@dataclass(frozen=True)
class AtBound:
    """A side whose scale mostly ends where `csnet.scale` does."""

    side: str  # "scale x (θ₁₁)"
    key: str  # "smallest" or "largest"
    bound: float
    share: float  # of the regions


@dataclass(frozen=True)
class Regions:
    """The section."""

    images: int  # whose boxes are counted
    per_image: int  # J
    overlays: list[Overlay]
    charts: list[Histogram]
    bounds: list[AtBound]
    rivals: list[str]
    measures: list[Measure]  # none where the data set has no boxes


def regions(folder: Path, located: Located | None) -> Regions | None:
    """Describe the regions, if a run needed any."""
    if located is None:
        return None
    rows = located.collection.rows(TEST)
    theta = located.reader.rows(rows, "theta") if len(rows) else np.empty((0, 0, 2, 3))
    return Regions(
        images=len(rows),
        per_image=located.reader.shapes["theta"][0],
        overlays=located.overlays(one_of_each(located.collection, rows)),
        charts=charts(theta.reshape(-1, 2, 3)) if len(rows) else [],
        bounds=at_bounds(theta.reshape(-1, 2, 3), located.reader.header.get("scale") or {}),
        rivals=list(RIVALS.values()),
        measures=measures(read_json(folder / "metrics.json")),
    )


def one_of_each(collection: Collection, rows: np.ndarray) -> list[int]:
    """Choose an image of some classes, at even steps over those that occur."""
    carried = collection.targets("classes", rows)
    held = np.flatnonzero(carried.any(0))
    if not len(held):
        return [int(row) for row in rows[:SHOWN]]
    some = held[spread_choice(len(held), SHOWN)]
    first: list[int] = rows[carried[:, some].argmax(0)].tolist()
    return list(dict.fromkeys(first))  # an image of several classes once


def charts(theta: np.ndarray) -> list[Histogram]:
    """Draw how often boxes (regions, 2, 3) have which size, place and angle."""
    turned = np.degrees(np.arctan2(theta[:, 1, 0], theta[:, 0, 0]))
    values = {name: theta[:, i, j] for name, (i, j) in PLACES.items()}
    return [histogram(name, of) for name, of in {**values, "rotation, degrees": turned}.items()]


def at_bounds(theta: np.ndarray, scale: Mapping[str, float]) -> list[AtBound]:
    """Tell which scales lie at a bound of ``scale`` in most boxes (regions, 2, 3)."""
    found = []
    for side, (i, j) in list(PLACES.items())[:2]:
        for key, bound in scale.items():
            share = float((np.abs(theta[:, i, j] - bound) <= NEAR).mean()) if len(theta) else 0.0
            if share >= MOSTLY:
                found.append(AtBound(side, key, bound, share))
    return found


def measures(metrics: Mapping[str, Mapping[str, float]]) -> list[Measure]:
    """Arrange metrics.json of ``regions``: test first, val last."""
    order = sorted(metrics, key=lambda s: (s != TEST, not s.startswith(TEST), s))
    return [_measure(metrics[split], split, name) for split in order for name in MEASURES]


def _measure(flat: Mapping[str, float], split: str, name: str) -> Measure:
    found = {
        rival: Estimate(*(flat[f"{name}{rival}{end}"] for end in ("", "_low", "_high")))
        for rival in RIVALS
        if f"{name}{rival}" in flat
    }
    better = all(found[""].low > found[rival].high for rival in ("_random", "_grid"))
    estimates = [found.get(rival) for rival in RIVALS]
    return Measure(split, int(flat["objects"]), MEASURES[name], estimates, better)


def _build(material: Material, target: Target) -> Regions | None:
    return regions(material.at("regions", target), Located.of(material, target))


SECTION = Section("regions", "Regions", 60, _build, per="target", reads=("regions", "maps"))
