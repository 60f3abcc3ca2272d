"""A trained run with one of its seeds: the network that was scored, which scores other images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from torch import Tensor

from pipeline_lib.api.scorer import BATCH, Scorer
from pipeline_lib.artifacts.labelled import SampleTable, read_samples
from pipeline_lib.artifacts.made import Made
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.thresholds import THRESHOLDS_FILE
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.crops import reduced
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError
from pipeline_lib.steps.train.chain import (
    Graphs,
    Inputs,
    Maps,
    PixelGraphs,
    Prepared,
    Shown,
    chain,
)
from pipeline_lib.steps.train.inputs import fetch_stored, open_images, open_stored
from pipeline_lib.steps.train.probe import check
from pipeline_lib.steps.train.restore import restore
from pipeline_lib.training.data import Fetch, Pictures
from pipeline_lib.training.determinism import deterministic
from pipeline_lib.training.network import Network, Scores

ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Recogniser(Scorer):
    """A trained run with one of its seeds."""

    settings: Any  # of the method, as it was trained
    model: Network  # in evaluation mode; called with inputs, it gives logits
    root: Path  # the checkout
    reads: dict[str, Path]  # "samples", and "input": images, feature maps or graphs
    probe: dict[str, str] | None  # of stored inputs (steps/train/probe.py)
    made: Made | None  # what makes such inputs of pictures (artifacts/made.py)

    def score(self, split: str = TEST) -> Scores:
        """Score the images of a split, in the order of their rows.

        On the device that it was trained on these are the stored scores, bit for bit.

        Raises:
            InputError: there is no such split, or the input is another than that of training.
        """
        rows = self._table.rows(split)
        if not len(rows):
            known = ", ".join(self._table.splits)
            raise InputError(
                f"{self.reads['samples']}: has no split '{split}', expected one of {known}"
            )
        return self.score_rows(rows)

    def score_rows(self, rows: Sequence[int] | np.ndarray) -> Scores:
        """Score some rows of the sample table, at least one."""
        with deterministic():
            return self.model.score(Pictures(np.asarray(rows).tolist(), self._fetch))

    @property
    def batch_size(self) -> int:
        """How many pictures are best scored together.

        Networks of maps take batches of one shape: a shorter one costs as much as a full one.

        Raises:
            InputError: as ``score_images``.
        """
        inputs: Any = self.inputs
        by_maps = isinstance(inputs, Maps | Graphs | PixelGraphs)
        return int(inputs.encode.batch_size) if by_maps else BATCH

    def of_names(self, names: Sequence[str], *, beside: bool = False) -> Self:
        """Return the recogniser of any names; see ``Scorer``."""
        from pipeline_lib.steps.train.own_names import Trained, ask, cleaned

        wanted = cleaned(names)
        if beside:
            wanted = list(dict.fromkeys([*self.trained_names, *wanted]))
        model = self.model
        if self.names != self.trained_names:  # this one has been asked for others already
            model = restore(self.weights, self.root, seed=self.seed, device=self.device).network
        trained = Trained(self.weights, self.root, model, self.device)
        asked = ask(trained, wanted).to(self.device)
        known = set(self.trained_names) - set(self.unseen)
        unseen = [name for name in wanted if name not in known]
        return replace(self, model=asked, names=wanted, unseen=unseen)

    @property
    def together(self) -> bool:
        """Whether a score depends on the other names that are asked for."""
        return bool(getattr(getattr(self.model, "head", None), "together", False))

    def _shown(self, images: Sequence[np.ndarray]) -> Prepared:
        """Keep the whole of each picture too, where regions are cut out of it."""
        seen = self.preprocess.geometry(images)
        if not isinstance(self.inputs, PixelGraphs):
            return seen
        return [Shown(*both) for both in zip(seen, map(reduced, images), strict=True)]

    def _score(self, prepared: Prepared) -> Scores:
        inputs = self.inputs

        def fetch(rows: Sequence[int]) -> Any:
            if isinstance(prepared, Tensor):
                return inputs(prepared[list(rows)])
            return inputs([prepared[row] for row in rows])

        return self.model.score(Pictures(range(len(prepared)), fetch))

    @property
    def inputs(self) -> Inputs:
        """What makes inputs of the network of prepared pictures.

        Raises:
            InputError: what makes maps or graphs, as the run reads, is gone or changed.
        """
        with ONE_AT_A_TIME:  # of several threads
            return self._inputs

    @cached_property
    def _inputs(self) -> Inputs:
        if self.probe is not None:
            return chain(self.made, self.root, self.device)
        return lambda images: self.preprocess.normalise(images.to(self.device))

    @cached_property
    def _table(self) -> SampleTable:
        return read_samples(self.reads["samples"])

    @cached_property
    def _fetch(self) -> Fetch[Any]:
        path, samples = self.reads["input"], self._table.samples
        if self.probe is None:
            return open_images(path, samples, self.preprocess, self.device)
        reader = open_stored(path, samples)
        check(reader, self._table, self.probe)
        return fetch_stored(reader, self.device)


def restored(
    path: Path,
    root: Path,
    *,
    seed: int | None,
    device: str | None,
    thresholds: Path | None = None,
) -> Recogniser:
    """Build a run anew from the file of its weights; see ``load``.

    ``thresholds`` are where `evaluate` puts them, if nothing else is said.
    """
    where = device or pick_device()
    found = restore(path, root, seed=seed, device=where)
    header = found.header
    return Recogniser(
        run=header["run"],
        method=header["method"],
        seed=found.seed,
        seeds=header["seeds"],
        weights=path,
        thresholds=thresholds or _judged(path) / THRESHOLDS_FILE,
        target=header["target"],
        names=header["names"],
        exclusive=header["target"] == "classes" and header["problem"]["single_label"],
        unseen=header["unseen"],
        settings=found.settings,
        preprocess=Preprocess.told(header["preprocess"]),
        model=found.network,
        device=where,
        root=root,
        trained_names=header["names"],
        reads={name: root / path for name, path in header["reads"].items()},
        probe=header.get("probe"),
        made=header.get("made"),
    )


def _judged(weights: Path) -> Path:
    """Return the folder of a run's evaluation."""
    run = weights.parent
    return run.parent.parent / "evaluate" / run.name
