"""A trained run with one of its seeds: the network that was scored, which scores other images."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.artifacts.labelled import SampleTable, read_samples
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError
from pipeline_lib.steps.train.inputs import fetch_stored, open_images, open_stored
from pipeline_lib.steps.train.probe import check
from pipeline_lib.steps.train.restore import restore
from pipeline_lib.training.data import Fetch, Pictures
from pipeline_lib.training.determinism import deterministic
from pipeline_lib.training.network import Network, Scores


@dataclass(frozen=True)
class Recogniser:
    """A trained run with one of its seeds."""

    run: str
    method: str
    seed: int
    target: str  # "classes" or "tags"
    names: list[str]  # of the classes or tags, in the order of the logits
    unseen: list[str]  # those of them that no training image carried
    settings: Any  # of the method, as it was trained
    preprocess: Preprocess | None  # from pixels to inputs of the network that encodes them
    model: Network  # in evaluation mode; called with inputs, it gives logits
    device: str
    reads: dict[str, Path]  # "samples", and "input": images, feature maps or graphs
    probe: dict[str, str] | None  # of stored inputs (steps/train/probe.py)

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
        return self._score(Pictures(np.asarray(rows).tolist(), self._fetch))

    def score_images(self, images: Sequence[np.ndarray]) -> Scores:
        """Score any images: RGB (height, width, 3) uint8, at least one.

        Raises:
            InputError: the run reads feature maps or graphs.
        """
        return self.score_prepared(torch.stack([self.prepare(image) for image in images]))

    def prepare(self, image: np.ndarray) -> Tensor:
        """Resize and crop an image: RGB (height, width, 3) to (3, size, size), both uint8.

        Raises:
            InputError: as ``score_images``.
        """
        return self._of_pixels().geometry([image])[0]

    def score_prepared(self, images: Tensor) -> Scores:
        """Score images that were prepared: (images, 3, size, size) uint8, at least one.

        Raises:
            InputError: as ``score_images``.
        """
        preprocess = self._of_pixels()

        def fetch(rows: Sequence[int]) -> Any:
            return preprocess.normalise(images[list(rows)].to(self.device))

        return self._score(Pictures(range(len(images)), fetch))

    def _score(self, pictures: Pictures[Any]) -> Scores:
        with deterministic():
            return self.model.score(pictures)

    @cached_property
    def _table(self) -> SampleTable:
        return read_samples(self.reads["samples"])

    @cached_property
    def _fetch(self) -> Fetch[Any]:
        path, samples = self.reads["input"], self._table.samples
        if self.probe is None:
            return open_images(path, samples, self._of_pixels(), self.device)
        reader = open_stored(path, samples)
        check(reader, self._table, self.probe)
        return fetch_stored(reader, self.device)

    def _of_pixels(self) -> Preprocess:
        if self.probe is not None or self.preprocess is None:
            raise InputError(
                f"run '{self.run}' reads {self.reads['input']}, which holds no pixels; expected a "
                "run that encodes images; score rows of the sample table instead"
            )
        return self.preprocess


def restored(path: Path, root: Path, *, seed: int | None, device: str | None) -> Recogniser:
    """Build a run anew from the file of its weights; see ``load``."""
    where = device or pick_device()
    found = restore(path, root, seed=seed, device=where)
    header = found.header
    return Recogniser(
        run=header["run"],
        method=header["method"],
        seed=found.seed,
        target=header["target"],
        names=header["names"],
        unseen=header["unseen"],
        settings=found.settings,
        preprocess=Preprocess.told(header["preprocess"]) if header["preprocess"] else None,
        model=found.network,
        device=where,
        reads={name: root / path for name, path in header["reads"].items()},
        probe=header.get("probe"),
    )
