"""Fit one method with each of its seeds, side by side where there are cores for it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.artifacts.labelled import Labelled, read_labelled
from pipeline_lib.artifacts.samples import VAL
from pipeline_lib.closure import code_digest
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.parallel import map_ordered, workers
from pipeline_lib.progress import Track, silent
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.steps.train.inputs import open_input
from pipeline_lib.steps.train.knowledge import Reads, read_kinds
from pipeline_lib.steps.train.loading import Fit, load_kinds
from pipeline_lib.steps.train.settings import stored
from pipeline_lib.targets import Target
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.data import Data, Fetch, Pictures
from pipeline_lib.training.determinism import THREADS
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run
from pipeline_lib.training.settings import ImageSettings, RunSettings


@dataclass(frozen=True)
class Job:
    """One run of one method: what it reads, its settings, and where its checkpoints go."""

    name: str  # of the run, for people
    method: str
    learn: Fit  # the method's `fit`
    target: Target
    settings: RunSettings
    samples: Path
    categories: Path
    input: Path  # images, feature maps or graphs
    text: Path | None
    knowledge: Path | None
    weights: Path | None
    device: str
    checkpoints: Path

    def fit(self, seeds: list[int], track: Track) -> Iterator[Fitted]:
        """Yield the outcome of every seed, in order; finished seeds survive a kill."""
        at_once = 1 if self.device == "cuda" else max(1, workers() // THREADS)
        if at_once == 1:
            for seed in seeds:
                yield self.fit_one(seed, track)
            return
        fit = partial(self.fit_one, track=silent)
        yield from map_ordered(
            fit, seeds, label=f"{self.name}: seeds", track=track, threads=THREADS, most=at_once
        )

    def fit_one(self, seed: int, track: Track) -> Fitted:
        """Train and score with one seed, from its last checkpoint if there is one."""
        table = read_labelled(self.samples, self.categories)
        source = open_input(
            self.input, table.samples, self.backbone, self.weights, seed=seed, device=self.device
        )
        data = self.data(table, source.fetch)
        run = Run(
            device=self.device,
            track=track,
            label=f"{self.name}, seed {seed}",
            checkpoints=self._checkpoints(seed),
        )
        knowledge = self._knowledge(table)
        found = self.learn(data, knowledge, source.encoder, self.settings, seed=seed, run=run)
        return replace(found, preprocess=source.preprocess)

    @property
    def backbone(self) -> Backbone | None:
        """The backbone that is trained, if any is."""
        return self.settings.backbone if isinstance(self.settings, ImageSettings) else None

    def data(self, table: Labelled, fetch: Fetch[Any]) -> Data[Any]:
        """Return what training may see of the images, which ``fetch`` fetches."""
        table.predicted(self.target)
        train = table.train
        oracle = table.all_targets(self.target, train)
        return Data(
            train=Pictures(train.tolist(), fetch),
            targets=torch.from_numpy(table.targets(self.target, train)).float(),
            evaluation={
                split: Pictures(table.rows(split).tolist(), fetch)
                for split in table.evaluation_splits
            },
            oracle=None if oracle is None else torch.from_numpy(oracle).float(),
            val_targets=torch.from_numpy(table.targets(self.target, table.rows(VAL))).float(),
            names=tuple(table.predicted_names(self.target)),
            tags=self._beside(table),
        )

    def _beside(self, table: Labelled) -> Tensor | None:
        """Return the tags of the training images, where classes are predicted."""
        if self.target != "classes" or not table.tag_names:
            return None
        return torch.from_numpy(table.targets("tags", table.train)).float()

    def forget(self, seeds: list[int]) -> None:
        """Delete the checkpoints, once the results are written."""
        for seed in seeds:
            self._checkpoints(seed).clear()

    def _knowledge(self, table: Labelled) -> dict[str, Tensor]:
        arrays = read_kinds(
            Reads(self.name, self.method, load_kinds(self.method), self.text, self.knowledge),
            table,
            self.target,
        )
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def _checkpoints(self, seed: int) -> Checkpoints:
        made = sorted(self.input.iterdir()) if self.input.is_dir() else []  # samples name pixels
        read = (self.samples, self.categories, self.text, self.knowledge, self.weights, *made)
        state = {
            "method": self.method,
            "target": self.target,
            "settings": stored(self.settings),
            "seed": seed,
            "read": [file_digest(path) if path else None for path in read],
            "code": code_digest(__name__, self.learn.__module__),
            "torch": torch.__version__,
            "device": self.device,
        }
        return Checkpoints(self.checkpoints / digest(state))
