"""What the sections of the page are made of."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import polars as pl

from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.comparison import compare
from pipeline_lib.reporting.runs import Run, read_run

Read = TypeVar("Read")
ALWAYS = ("ingest", "train", "evaluate")  # what every page reads: the data set and the runs
OFF = "off"  # a folder that no stage writes


@dataclass(frozen=True)
class Material:
    """The data set, the runs, their comparison, and the folders of stages, by name.

    What a stage wrote for a target that is off may lie there still, made of another data set; so a
    folder is named by the stage and what it is on for.
    """

    folders: Mapping[str, Path]
    on: Mapping[str, Sequence[str]]  # section `shared`
    collection: Collection
    runs: list[Run]  # enabled, in the order of section `methods`
    comparison: pl.DataFrame  # as COMPARISON
    report: Report
    evaluation: Evaluation
    dataset: Dataset
    reads: frozenset[str] = frozenset()  # the stages whose folders may be opened
    made: dict[Hashable, Any] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        folders: Mapping[str, Path],
        document: Mapping[str, Any],
        report: Report,
        evaluation: Evaluation,
        dataset: Dataset,
    ) -> Self:
        """Read the data set and the enabled runs; ``document`` is the whole params.yaml.

        Raises:
            InputError: an artifact of an enabled run is missing or damaged.
        """
        runs = [
            read_run(name, said, folders["train"] / name, folders["evaluate"] / name)
            for name, said in (document.get("methods") or {}).items()
        ]
        on = document.get("shared") or {}
        collection, comparison = Collection.read(folders["ingest"]), compare(runs)
        return cls(folders, on, collection, runs, comparison, report, evaluation, dataset)

    def only(self, reads: Sequence[str]) -> Self:
        """Return the same, of which nothing but some stages may be opened."""
        return replace(self, reads=frozenset(reads))

    def at(self, stage: str, item: str) -> Path:
        """Return the folder of a shared stage for a target, or one that is not there."""
        return self._folder(stage) / (item if item in self.on.get(stage, ()) else OFF)

    def one(self, stage: str) -> Path:
        """Return the folder of a shared stage that makes one thing, or one that is not there."""
        return self._folder(stage) / next(iter(self.on.get(stage, ())), OFF)

    def trained(self, run: Run) -> Path:
        """Return what the training of a run wrote."""
        return self._folder("train") / run.name

    def once(self, key: Hashable, make: Callable[[], Read]) -> Read:
        """Return what several sections show, made when the first of them asks."""
        if key not in self.made:
            self.made[key] = make()
        found: Read = self.made[key]
        return found

    def _folder(self, stage: str) -> Path:
        if stage not in self.reads:
            raise ValueError(f"a section opens '{stage}', expected one of {sorted(self.reads)}")
        return self.folders[stage]
