"""What scores pictures, be it a trained run or what was exported of one."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.api.ahead import ahead
from pipeline_lib.api.predictions import THRESHOLD, Predictions, Threshold
from pipeline_lib.cores import cores
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError
from pipeline_lib.steps.train.chain import Prepared, Shown
from pipeline_lib.training.determinism import deterministic
from pipeline_lib.training.network import Scores

BATCH = 32  # pictures that are best scored together, where there is no size of its own


@dataclass(frozen=True)
class Scorer(ABC):
    """One seed of a run, with which any pictures are scored."""

    run: str
    method: str
    seed: int
    seeds: list[int]  # of the run
    weights: Path  # the file that it was built from
    thresholds: Path  # what was chosen on val, where `evaluate` did (artifacts/thresholds.py)
    target: str  # "classes" or "tags"
    names: list[str]  # of the classes or tags, in the order of the logits
    exclusive: bool  # whether an image is of one of them
    unseen: list[str]  # those of them that no training image carried
    trained_names: list[str]  # those of training; ``names`` are others where somebody asked so
    preprocess: Preprocess  # from pixels to inputs of the network that encodes them
    device: str

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
    @abstractmethod
    def batch_size(self) -> int:
        """How many pictures are best scored together.

        Raises:
            InputError: as ``score_images``.
        """

    @property
    @abstractmethod
    def together(self) -> bool:
        """Whether a score depends on the other names that are asked for."""

    def prepare(self, image: np.ndarray) -> Tensor | Shown:
        """Resize and crop an image: RGB (height, width, 3) to (3, size, size), both uint8.

        A run that cuts regions out of pictures gets the whole of it beside that.

        Raises:
            InputError: as ``score_images``.
        """
        return self._prepared([image])[0]

    def score_prepared(self, images: Tensor | Sequence[Tensor | Shown]) -> Scores:
        """Score images that were prepared: (images, 3, size, size) uint8, at least one.

        Or several of what ``prepare`` returns.

        Raises:
            InputError: as ``score_images``.
        """
        with deterministic():
            return self._score(_batch(images))

    def score_batches(
        self, batches: Iterable[Sequence[np.ndarray | Shown] | Tensor]
    ) -> Iterator[Scores]:
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

    @abstractmethod
    def of_names(self, names: Sequence[str], *, beside: bool = False) -> Self:
        """Return what recognises any names, by text, of a run that is told its labels by name.

        A name that the run was trained for is scored as it was; another one as a label that
        training never saw.

        Args:
            names: in the order of the scores.
            beside: score them beside the names of training, behind those, not instead.

        Raises:
            InputError: the run has weights for each of its names and none for others; a name is
                empty or there twice; or nothing says what a new one is compared with.
        """

    @abstractmethod
    def _score(self, prepared: Prepared) -> Scores:
        """Score images that were prepared."""

    def _prepared(self, images: Sequence[np.ndarray | Shown] | Tensor) -> Prepared:
        if not len(images):
            raise InputError("found a batch without images, expected at least one; leave it out")
        if isinstance(images, Tensor):
            return images
        shown = [image for image in images if isinstance(image, Shown)]
        pictures = [image for image in images if not isinstance(image, Shown)]
        for place, image in enumerate(pictures):
            _check(image, place)
        return shown or self._shown(pictures)

    def _shown(self, images: Sequence[np.ndarray]) -> Prepared:
        """Return images as the network sees them."""
        return self.preprocess.geometry(images)


def _batch(images: Tensor | Sequence[Tensor | Shown]) -> Prepared:
    """Put what ``prepare`` returned together."""
    if isinstance(images, Tensor):
        return images
    whole = [image for image in images if isinstance(image, Shown)]
    return whole or torch.stack([image for image in images if isinstance(image, Tensor)])


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
