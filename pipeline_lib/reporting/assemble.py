"""Gather everything that the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline_lib.evaluation.views import is_zero_shot
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.backdrops import Backdrops
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.comparison import compare
from pipeline_lib.reporting.located import Located
from pipeline_lib.reporting.matched import Matched
from pipeline_lib.reporting.page import Page
from pipeline_lib.reporting.runs import read_run
from pipeline_lib.reporting.sections.about import about
from pipeline_lib.reporting.sections.category_graph import category_graphs
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

TARGETS = ("classes", "tags")
TARGET = "classes"  # what is recognised: the subfolder of the stages that methods share
MAPS = "tags"  # what the backbone of the maps was trained for (dvc.yaml, stage `csnet`)
TOWERS = "towers"  # the vision-language model that open-vocabulary runs start from
EXPLAINED = "vscnet"  # the method whose runs say how they came to a class


@dataclass(frozen=True)
class Folders:
    """Where each stage wrote; the shared stages leave no ``TARGET`` folder if no run needs them."""

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
    comparison = compare(runs, params)
    features, patterns, related = (
        folder / TARGET for folder in (folders.features, folders.clusters, folders.relations)
    )
    located = Located.read(folders.regions / TARGET, folders.maps / MAPS, collection)
    matched = Matched.read(folders.exemplars / TARGET, located)
    explained = {
        run.name: explanations(folders.train / run.name, matched)
        for run in runs
        if run.header["method"] == EXPLAINED
    }
    backdrops = Backdrops.read(folders.vlp / TOWERS, collection)
    page = Page(
        head=head(collection, dataset),
        answers=answers(runs, params),
        results=[
            results(some, comparison, params)
            for target in TARGETS
            if (some := [run for run in runs if run.target == target])
        ],
        data=data(collection, params),
        runs=[
            (run_section if run.target == "classes" else tag_run_section)(run, collection)
            for run in runs
        ],
        open_vocabulary=open_vocabulary(runs, folders.train, folders.category_graph, backdrops),
        explanations={name: found for name, found in explained.items() if found},
        regions=regions(folders.regions / TARGET, located),
        exemplars=exemplars(folders.exemplars / TARGET, matched),
        clusters=clusters(patterns, collection),
        relations=relations(related, patterns, features, collection),
        graphs=category_graphs(folders.category_graph, collection.categories),
        about=about(
            evaluation,
            params,
            {run.target for run in runs},
            zero_shot=any(is_zero_shot(view) for run in runs for view in run.views),
        ),
    )
    return page, comparison
