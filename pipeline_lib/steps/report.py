"""Gather everything that the page shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from pipeline_lib.evaluation.views import is_zero_shot
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.backdrops import Backdrops
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.comparison import compare
from pipeline_lib.reporting.exemplars import Matched
from pipeline_lib.reporting.page import Page
from pipeline_lib.reporting.regions import Located
from pipeline_lib.reporting.runs import read_run
from pipeline_lib.reporting.sections.about import about
from pipeline_lib.reporting.sections.category_graph import category_graph
from pipeline_lib.reporting.sections.clusters import clusters
from pipeline_lib.reporting.sections.dataset import data
from pipeline_lib.reporting.sections.exemplars import exemplars
from pipeline_lib.reporting.sections.explanations import explanations
from pipeline_lib.reporting.sections.findings import answers
from pipeline_lib.reporting.sections.head import head
from pipeline_lib.reporting.sections.open_vocabulary import open_vocabulary
from pipeline_lib.reporting.sections.regions import regions
from pipeline_lib.reporting.sections.relations import relations
from pipeline_lib.reporting.sections.results import results
from pipeline_lib.reporting.sections.run import run_section
from pipeline_lib.reporting.sections.tag_run import tag_run_section
from pipeline_lib.reporting.unpredicted import unpredicted
from pipeline_lib.targets import TARGETS, Target

Section = TypeVar("Section")
MAPS = "tags"  # those that regions are found on, whatever they are found for (dvc.yaml, `regions`)
TOWERS = "towers"  # the vision-language model that open-vocabulary runs start from
OFF = "off"  # a folder that no stage writes


@dataclass(frozen=True)
class Folders:
    """Where each stage wrote, and for which targets its shared stages are on.

    What a stage wrote for a target that is off may lie there still, made of another data set.
    """

    ingest: Path
    features: Path
    clusters: Path
    relations: Path
    category_graph: Path
    vlp: Path
    maps: Path
    regions: Path
    exemplars: Path
    train: Path
    evaluate: Path
    on: Mapping[str, Sequence[str]]  # section `shared`

    def at(self, stage: str, target: str) -> Path:
        """Return the folder of a shared stage for a target, or one that is not there."""
        folder: Path = getattr(self, stage)
        return folder / (target if target in self.on.get(stage, ()) else OFF)


def assemble(
    folders: Folders,
    enabled: Mapping[str, Mapping[str, Any]],
    params: Report,
    evaluation: Evaluation,
    dataset: Dataset,
) -> tuple[Page, pl.DataFrame]:
    """Return the page of the ``enabled`` runs, section `methods`, and their comparisons.

    Raises:
        InputError: an artifact of an enabled run is missing or damaged.
    """
    collection = Collection.read(folders.ingest)
    runs = [
        read_run(name, said, folders.train / name, folders.evaluate / name)
        for name, said in enabled.items()
    ]
    comparison = compare(runs)
    located = {
        target: Located.read(folders.at("regions", target), folders.at("maps", MAPS), collection)
        for target in TARGETS
    }
    matched = {
        target: Matched.read(folders.at("exemplars", target), located[target]) for target in TARGETS
    }
    explained = {
        run.name: explanations(folders.train / run.name, matched[run.target]) for run in runs
    }
    backdrops = Backdrops.read(folders.at("vlp", TOWERS), collection)
    page = Page(
        head=head(collection, dataset),
        answers=answers(runs),
        unpredicted=list(unpredicted(collection, {run.target for run in runs})),
        results=[
            results(some, comparison)
            for target in TARGETS
            if (some := [run for run in runs if run.target == target])
        ],
        data=data(collection, params),
        runs=[
            run_section(run, runs, collection)
            if run.target == "classes"
            else tag_run_section(run, runs, collection, evaluation.tags.threshold)
            for run in runs
        ],
        open_vocabulary=open_vocabulary(
            runs,
            folders.train,
            {target: folders.at("category_graph", target) for target in TARGETS},
            backdrops,
        ),
        explanations={name: found for name, found in explained.items() if found},
        regions=_by_target(lambda target: regions(folders.at("regions", target), located[target])),
        exemplars=_by_target(
            lambda target: exemplars(folders.at("exemplars", target), matched[target])
        ),
        clusters=_by_target(lambda target: clusters(folders.at("clusters", target), collection)),
        relations=_by_target(
            lambda target: relations(
                folders.at("relations", target),
                folders.at("clusters", target),
                folders.at("features", target),
                collection,
            )
        ),
        graphs=list(
            _by_target(
                lambda target: category_graph(
                    folders.at("category_graph", target), target, collection
                )
            ).values()
        ),
        about=about(
            evaluation,
            {run.target for run in runs},
            zero_shot=any(is_zero_shot(view) for run in runs for view in run.views),
        ),
    )
    return page, comparison


def _by_target(section: Callable[[Target], Section | None]) -> dict[str, Section]:
    """Return a section for every target for which there is something to show."""
    found = {target: section(target) for target in TARGETS}
    return {target: shown for target, shown in found.items() if shown is not None}
