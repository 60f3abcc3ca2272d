"""Trained runs in Python: ``load("dlsa")`` is the network that was scored, and scores other images.

Nothing is needed of params.yaml: the file of weights says all of itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from pipeline_lib.artifacts.labelled import SampleTable, read_samples
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.steps.train.inputs import fetch_stored, open_images, open_stored
from pipeline_lib.steps.train.probe import check
from pipeline_lib.steps.train.restore import restore
from pipeline_lib.training.data import Fetch, Pictures
from pipeline_lib.training.determinism import deterministic
from pipeline_lib.training.network import Network, Scores

TRAINED = Path("data/artifacts/train")
WEIGHTS_FILE, SCORES_FILE = "weights.safetensors", "scores.safetensors"


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


@dataclass(frozen=True)
class Project:
    """A checkout with what was trained in it."""

    root: Path

    @property
    def runs(self) -> list[str]:
        """The names of the runs whose weights are there, sorted."""
        return sorted(path.parent.name for path in (self.root / TRAINED).glob(f"*/{WEIGHTS_FILE}"))

    def load(self, run: str, *, seed: int | None = None, device: str | None = None) -> Recogniser:
        """Load a run; see ``load``."""
        return load(run, self.root, seed=seed, device=device)

    def scores(self, run: str, split: str = TEST, *, seed: int | None = None) -> pl.DataFrame:
        """Return the stored scores of a split: "sample_id", and a column per class or tag.

        Raises:
            InputError: there is no such run, seed or split, or the images are others by now.
        """
        folder = self.folder(run)
        scores, about = self._stored(folder, split, seed)
        samples = self.root / about["reads"]["samples"]
        table = read_samples(samples)
        ids = table.ids_of(table.rows(split))
        if len(ids) != len(scores):
            raise InputError(
                f"{folder / SCORES_FILE}: scores {len(scores)} images of split '{split}', expected "
                f"{len(ids)}, those of {samples}; re-run `dvc repro train`"
            )
        columns = pl.DataFrame(scores, schema=about["names"])
        return pl.DataFrame({"sample_id": ids}).hstack(columns)

    def _stored(
        self, folder: Path, split: str, seed: int | None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Return the scores of a split, and what the weights say, such as the names of columns."""
        path = folder / SCORES_FILE
        with SCORES.opened(path) as (file, header):
            key = f"{header['seeds'][0] if seed is None else seed}/{split}/logits"
            if key not in file.keys():  # noqa: SIM118 - safetensors has no `in`
                known = ", ".join(sorted(k for k in file.keys() if k.endswith("/logits")))  # noqa: SIM118
                raise InputError(f"{path}: has no {key}, expected one of {known}")
            scores = file.get_tensor(key)
        with WEIGHTS.opened(folder / WEIGHTS_FILE) as (_, about):
            return scores, about

    def folder(self, run: str) -> Path:
        """Return the folder of a run.

        Raises:
            InputError: there is no such run.
        """
        if run not in self.runs:
            raise InputError(
                f"{self.root / TRAINED}: no run '{run}'{nearest(run, self.runs)}; run `dvc repro "
                "train` or `dvc pull`"
            )
        return self.root / TRAINED / run


def open_project(root: str | Path = ".") -> Project:
    """Open a checkout."""
    return Project(Path(root))


def load(
    run: str | Path,
    root: str | Path | None = None,
    *,
    seed: int | None = None,
    device: str | None = None,
) -> Recogniser:
    """Load a trained run.

    Args:
        run: its name, or its folder.
        root: the checkout, where the paths of what it reads begin; None is the one that the folder
            lies in, or the current folder.
        seed: one of the run's; None is the first.
        device: "cpu" or "cuda"; None is what the stages would use.

    Raises:
        InputError: there is no such run or seed; its file is damaged, older than this version or
            of another method; or the vision-language model that it starts from has changed.
    """
    folder, home = _place(run, root)
    where = device or pick_device()
    found = restore(folder / WEIGHTS_FILE, home, seed=seed, device=where)
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
        reads={name: home / path for name, path in header["reads"].items()},
        probe=header.get("probe"),
    )


def _place(run: str | Path, root: str | Path | None) -> tuple[Path, Path]:
    """Return the folder of a run, and the checkout."""
    folder = Path(run)
    if len(folder.parts) == 1 and not (folder / WEIGHTS_FILE).exists():
        project = open_project(root or ".")
        return project.folder(str(run)), project.root
    return folder, _checkout(folder) if root is None else Path(root)


def _checkout(folder: Path) -> Path:
    """Return the checkout that a run's folder lies in, or the current folder."""
    whole = folder.resolve()
    inside = whole.parent.parts[-len(TRAINED.parts) :] == TRAINED.parts
    return whole.parents[len(TRAINED.parts)] if inside else Path()
