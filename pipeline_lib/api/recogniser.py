"""A trained run with one of its seeds: the network that was scored, which scores other images."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.api.ahead import ahead
from pipeline_lib.api.predictions import THRESHOLD, Predictions, Threshold
from pipeline_lib.artifacts.labelled import SampleTable, read_samples
from pipeline_lib.artifacts.made import Made
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.cores import cores
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError
from pipeline_lib.steps.train.chain import Graphs, Inputs, Maps, chain
from pipeline_lib.steps.train.inputs import fetch_stored, open_images, open_stored
from pipeline_lib.steps.train.probe import check
from pipeline_lib.steps.train.restore import restore
from pipeline_lib.training.data import Fetch, Pictures
from pipeline_lib.training.determinism import deterministic
from pipeline_lib.training.network import Network, Scores

BATCH = 32  # pictures that are best scored together, where the run has no size of its own
ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Recogniser:
    """A trained run with one of its seeds."""

    run: str
    method: str
    seed: int
    seeds: list[int]  # of the run
    weights: Path  # the file that it was built from
    target: str  # "classes" or "tags"
    names: list[str]  # of the classes or tags, in the order of the logits
    exclusive: bool  # whether an image is of one of them
    unseen: list[str]  # those of them that no training image carried
    settings: Any  # of the method, as it was trained
    preprocess: Preprocess  # from pixels to inputs of the network that encodes them
    model: Network  # in evaluation mode; called with inputs, it gives logits
    device: str
    root: Path  # the checkout
    trained_names: list[str]  # those of training; ``names`` are others where somebody asked so
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

    def score_images(self, images: Sequence[np.ndarray]) -> Scores:
        """Score any images: RGB (height, width, 3) uint8, at least one.

        Raises:
            InputError: there is none, one is no such array, or what makes maps or graphs of them,
                as the run reads, is gone or changed.
        """
        if not len(images):
            raise InputError("found no image to score, expected at least one; give some")
        size = self.batch_size
        pieces = [images[start : start + size] for start in range(0, len(images), size)]
        return _joined(list(self.score_batches(pieces)))

    @property
    def batch_size(self) -> int:
        """How many pictures are best scored together.

        Networks of maps take batches of one shape: a shorter one costs as much as a full one.

        Raises:
            InputError: as ``score_images``.
        """
        with ONE_AT_A_TIME:
            inputs = self._inputs
        return inputs.encode.batch_size if isinstance(inputs, Maps | Graphs) else BATCH

    def prepare(self, image: np.ndarray) -> Tensor:
        """Resize and crop an image: RGB (height, width, 3) to (3, size, size), both uint8.

        Raises:
            InputError: as ``score_images``.
        """
        return self._prepared([image])[0]

    def score_prepared(self, images: Tensor) -> Scores:
        """Score images that were prepared: (images, 3, size, size) uint8, at least one.

        Raises:
            InputError: as ``score_images``.
        """
        with deterministic():
            return self._score(images)

    def score_batches(self, batches: Iterable[Sequence[np.ndarray] | Tensor]) -> Iterator[Scores]:
        """Score batches of images, or of prepared ones, in their order, as they come.

        Batches are read while others are scored, in threads; a few are in memory at a time. While
        this is iterated, torch computes as in training: one thread for each batch.

        Raises:
            InputError: as ``score_images``.
        """
        threads = cores()
        with deterministic():
            prepared = ahead(self._prepared, batches, threads=threads)
            at_once = threads if self.device == "cpu" else 1
            yield from ahead(self._score, prepared, threads=at_once)

    def predict(
        self,
        images: Sequence[np.ndarray],
        *,
        top: int = 5,
        threshold: Threshold = THRESHOLD,
        temperature: float = 1.0,
    ) -> Predictions:
        """Say what images show; see ``score_images``, and ``predictions`` of its scores."""
        scores = self.score_images(images)
        return self.predictions(scores, top=top, threshold=threshold, temperature=temperature)

    def predictions(
        self,
        scores: Scores,
        *,
        top: int = 5,
        threshold: Threshold = THRESHOLD,
        temperature: float = 1.0,
    ) -> Predictions:
        """Turn scores into names with probabilities, as ``Predictions.of`` does."""
        return Predictions.of(
            scores.logits,
            self.names,
            exclusive=self.exclusive,
            top=top,
            threshold=threshold,
            temperature=temperature,
        )

    def of_names(self, names: Sequence[str], *, beside: bool = False) -> Self:
        """Return the recogniser of any names, by text, of a run that is told its labels by name.

        A name that the run was trained for is scored as it was; another one as a label that
        training never saw.

        Args:
            names: in the order of the scores.
            beside: score them beside the names of training, behind those, not instead.

        Raises:
            InputError: the run has weights for each of its names and none for others; a name is
                empty or there twice; or nothing says which labels inform a new one, as C2SRT asks.
        """
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

    def _prepared(self, images: Sequence[np.ndarray] | Tensor) -> Tensor:
        if not len(images):
            raise InputError("found a batch without images, expected at least one; leave it out")
        if isinstance(images, Tensor):
            return images
        for place, image in enumerate(images):
            _check(image, place)
        return self.preprocess.geometry(images)

    def _score(self, prepared: Tensor) -> Scores:
        with ONE_AT_A_TIME:  # of several threads
            inputs = self._inputs

        def fetch(rows: Sequence[int]) -> Any:
            return inputs(prepared[list(rows)])

        return self.model.score(Pictures(range(len(prepared)), fetch))

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


def restored(path: Path, root: Path, *, seed: int | None, device: str | None) -> Recogniser:
    """Build a run anew from the file of its weights; see ``load``."""
    where = device or pick_device()
    found = restore(path, root, seed=seed, device=where)
    header = found.header
    return Recogniser(
        run=header["run"],
        method=header["method"],
        seed=found.seed,
        seeds=header["seeds"],
        weights=path,
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


def _check(image: np.ndarray, place: int) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise InputError(
            f"image {place}: found {image.dtype} {image.shape}, expected RGB (height, width, 3) "
            "uint8; convert it, as `PIL.Image.convert` does"
        )


def _joined(found: list[Scores]) -> Scores:
    zsl = [scores.zsl for scores in found if scores.zsl is not None]
    return Scores(
        torch.cat([scores.logits for scores in found]),
        torch.cat([scores.features for scores in found]),
        torch.cat(zsl) if zsl else None,
    )
