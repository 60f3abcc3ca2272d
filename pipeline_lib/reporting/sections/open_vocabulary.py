"""Section "Open vocabulary": how labels are recognised that nobody labelled."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.vlp import METRICS_FILE
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.view_names import GZSL, ZSL, name_of, title
from pipeline_lib.reporting.backdrops import Backdrops
from pipeline_lib.reporting.figures.sweep import SweepChart, sweep_chart
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.pictures import Picture
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.activations import Activations, activations
from pipeline_lib.reporting.sections.open_run import OpenRun, open_run
from pipeline_lib.reporting.shown import Shown
from pipeline_lib.reporting.sweeps import Sweep, sweeps
from pipeline_lib.steps.vlp.words import summary
from pipeline_lib.targets import TARGETS, Target

EACH = 2  # images that carry an unseen label, and as many others, at even steps
VIEWS = [name_of(TEST, kind) for kind in (ZSL, GZSL)]


@dataclass(frozen=True)
class Swept:
    """A sweep that was judged on unseen labels."""

    sweep: Sweep
    chart: SweepChart


@dataclass(frozen=True)
class OpenVocabulary:
    """The section."""

    pictures: dict[int, Picture]  # of every image that is shown, by its position in the test split
    activations: Activations | None
    sweeps: list[Swept]
    runs: list[OpenRun]
    learned: str  # what the model of source lit learned from what; "" of others


def open_vocabulary(
    found: list[Shown], graphs: Mapping[Target, Path], backdrops: Backdrops, learned: str = ""
) -> OpenVocabulary:
    """Describe the runs that were told labels by name; there is at least one.

    ``graphs`` are the folders of category graphs by target.
    """
    tags = backdrops.collection.predicted("tags")
    images = some_images(found[0], backdrops, tags)
    parts = [open_run(s, images, backdrops, tags, graphs[s.run.target]) for s in found]
    compared = activations(found, backdrops, tags)
    drawn = {row.image for part in parts for row in part.rows}
    drawn |= {case.image for case in compared.cases} if compared else set()
    return OpenVocabulary(
        pictures=backdrops.pictures(drawn),
        activations=compared,
        sweeps=swept([s.run for s in found]),
        runs=parts,
        learned=learned,
    )


def learned(vlp: Path) -> str:
    """Say what the model in the folder ``vlp`` learned from what; "" where it says nothing."""
    metrics = vlp / METRICS_FILE
    return summary(read_json(metrics)) if metrics.exists() else ""


def some_images(shown: Shown, backdrops: Backdrops, tags: pl.DataFrame) -> list[int]:
    """Choose images, positions in the test split: first those that carry an unseen label."""
    unseen = set(np.flatnonzero(~tags["seen"].to_numpy()).tolist())
    carry = np.array([bool(unseen & set(backdrops.carried(int(i)))) for i in shown.images], bool)
    parts = (shown.images[carry], shown.images[~carry])
    return [int(image) for part in parts for image in _spread(part)]


def _spread(images: np.ndarray) -> np.ndarray:
    return images[spread_choice(len(images), EACH)] if len(images) else images


def swept(runs: list[Run]) -> list[Swept]:
    """Draw mAP of unseen and of all labels against the number of each sweep."""
    judged = [run for run in runs if all(view in run.metrics for view in VIEWS)]
    return [
        Swept(
            sweep,
            sweep_chart([run.name for run in sweep.runs], sweep.values, _estimates(sweep.runs)),
        )
        for sweep in sweeps(judged)
    ]


def _estimates(runs: list[Run]) -> Mapping[str, list[Estimate]]:
    return {
        title(view): [run.estimates(view)[run.headline(view)] for run in runs] for view in VIEWS
    }


def _build(material: Material) -> OpenVocabulary | None:
    found = [s for run in material.runs if (s := Shown.read(run, material.trained(run)))]
    graphs = {target: material.at("category_graph", target) for target in TARGETS}
    backdrops = Backdrops.read(material.one("vlp"), material.collection)
    return (
        open_vocabulary(found, graphs, backdrops, learned(material.one("vlp"))) if found else None
    )


READS = ("train", "category_graph", "vlp")
SECTION = Section("open_vocabulary", "Open vocabulary", 50, _build, reads=READS)
