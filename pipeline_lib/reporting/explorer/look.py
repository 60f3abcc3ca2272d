"""The files of data that the page looks pictures up in, and what links to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline_lib.artifacts.vectors import read_vectors
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.reporting.backdrops import Backdrops
from pipeline_lib.reporting.exemplar_pictures import Matched
from pipeline_lib.reporting.explorer import explained, files, records
from pipeline_lib.reporting.explorer.answers import Answers, answers
from pipeline_lib.reporting.explorer.chosen import Chosen, chosen, evaluated
from pipeline_lib.reporting.explorer.doubts import by_place, doubts
from pipeline_lib.reporting.explorer.explained import Exemplars
from pipeline_lib.reporting.explorer.said import Said, places, said
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.shown import Shown
from pipeline_lib.targets import TARGETS, Target

SIDE = 256  # pixels of a picture that opens; it is also the one of the overview
SHARD = 500  # images of a file that is loaded when one of them opens
READS = ("train", "features", "maps", "regions", "exemplars", "vlp", "quality")
OF_REGIONS = "exemplars"  # the stage whose artifact a method reads that looks at regions


@dataclass(frozen=True)
class Look:
    """What the section links to, and says of it."""

    images: str  # link to the table of all images
    shown: dict[str, tuple[int, int]]  # by split: images with a picture, and all
    near: str  # what vectors say which training images are near; "" where none do


def vectors(material: Material) -> tuple[np.ndarray | None, str]:
    """Return a vector of every image from a backbone, and which stage made it.

    What was clustered is preferred to pooled feature maps; where there are neither, None and "".

    Raises:
        InputError: the artifact is damaged, or of other images.
    """
    made = {"features": material.one("features"), "maps": material.one("maps")}
    for stage, folder in made.items():
        if (folder / "index.parquet").exists():
            return read_vectors(folder, material.collection.ids).rows, stage
    return None, ""


def answered(material: Material, run: Run) -> dict[str, Answers]:
    """Return what a run says of every image, by split.

    Of large data sets that is much: it is read for one run at a time, and let go.
    """
    return answers(run, material.trained(run), material.collection, material.evaluation)


def look(material: Material) -> Look:
    """Write the files of data.

    Raises:
        InputError: an artifact is damaged.
    """
    data = material.collection
    parts = evaluated(data)
    judged = np.concatenate([np.empty(0, np.int64), *parts.values()])
    every, made_by = vectors(material)
    matched = {t: m for t in TARGETS if (m := _matched(material, t)) is not None}
    seen = {t: explained.exemplars(m, judged, None) for t, m in matched.items()}
    doubted = doubts(material.one("quality"))
    members = [found.members for found in seen.values()]
    members.append(data.train[np.isin(data.ids_of(data.train), doubted["sample_id"].to_list())])
    shown = chosen(parts, data.train, every, np.concatenate(members))
    seen = {t: _with_training(found, shown) for t, found in seen.items()}
    positions = places(shown, data)
    every_run = [said(run, answered(material, run), positions) for run in material.runs]
    shards = _shards(every_run, shown, seen)
    links = [files.add(data.beside, f"shard{i}", s) for i, s in enumerate(shards)]
    where = {one: place for place, one in enumerate(data.ids_of(shown.rows))}
    table = _table(material, every_run, shown, seen) | {"doubts": by_place(doubted, where)}
    table |= {"shards": links, "size": SHARD}
    everywhere = {s: (count, len(data.rows(s))) for s, count in shown.splits.items()}
    return Look(files.add(data.beside, "images", table), everywhere, made_by)


def _matched(material: Material, target: Target) -> Matched | None:
    """Return what was matched for a target, where a run of it reads regions."""
    if not any(_sees(run) == "regions" and run.target == target for run in material.runs):
        return None
    return Matched.of(material, target)


def _sees(run: Run) -> str:
    inputs = Path(METHODS[run.header["method"]].input).parts
    return "regions" if OF_REGIONS in inputs else ""


def _with_training(found: Exemplars, shown: Chosen) -> Exemplars:
    """Add the matches of the training images that are shown, with the same prototypes."""
    train = shown.rows[shown.judged :]
    more = explained.exemplars(found.matched, train, found.prototypes)
    return Exemplars(found.matched, found.prototypes, [*found.matches, *more.matches])


def _table(
    material: Material,
    every_run: Sequence[Said],
    shown: Chosen,
    seen: Mapping[Target, Exemplars],
) -> dict[str, Any]:
    """Return what is known before a picture opens."""
    data, place = material.collection, {int(row): i for i, row in enumerate(shown.rows)}
    backdrops = Backdrops.read(material.one("vlp"), data)
    patches = {
        number: found
        for number, run in enumerate(material.runs)
        if (kept := Shown.read(run, material.trained(run)))
        and (found := explained.patches(kept, backdrops, place))
    }
    kinds = ["patches" if i in patches else _sees(run) for i, run in enumerate(material.runs)]
    runs = [
        records.described(one.run, material.runs, kind, one.cuts)
        for one, kind in zip(every_run, kinds, strict=True)
    ]
    return records.columns(data, shown, data.pictures(shown.rows, side=SIDE)) | {
        "judged": shown.judged,
        "runs": runs,
        "wrong": [one.wrong for one in every_run],
        "first": [one.first if one.run.target == "classes" else [] for one in every_run],
        "patches": patches,
        "exemplars": {target: found.described(place) for target, found in seen.items()},
    }


def _shards(
    every_run: Sequence[Said], shown: Chosen, seen: Mapping[Target, Exemplars]
) -> list[dict[str, Any]]:
    """Return what is looked up when a picture opens, ``SHARD`` images at a time."""
    names = list(zip(*(one.names for one in every_run), strict=True))
    regions = {target: _regions(found, shown) for target, found in seen.items()}
    near = _near(shown)
    return [
        {
            "names": names[start : start + SHARD],
            "near": near[start : start + SHARD],
            "regions": {t: found[start : start + SHARD] for t, found in regions.items()},
        }
        for start in range(0, len(shown.rows), SHARD)
    ]


def _near(shown: Chosen) -> list[list[int]]:
    if shown.near is None:
        return []
    pairs = zip(shown.near.rows.tolist(), shown.near.cosine, strict=True)
    return [_interleaved(places, explained.whole(cosine)) for places, cosine in pairs]


def _interleaved(places: Sequence[int], values: Sequence[int]) -> list[int]:
    return [value for pair in zip(places, values, strict=True) for value in pair]


def _regions(found: Exemplars, shown: Chosen) -> list[list[list[int]]]:
    """Return regions, tags and matches of each image."""
    located = found.matched.located
    boxes = explained.regions(located, shown.rows)
    tags = explained.refined(found.matched, shown.rows)
    matches = [
        [value for p, similarity in one for value in (p, *explained.whole(np.array(similarity)))]
        for one in found.matches
    ]
    return [list(parts) for parts in zip(boxes, tags, matches, strict=True)]
