"""Encode images in batches of one fixed shape, so that a row's bits depend on its image alone."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.encoders.vision import Vision, build
from pipeline_lib.fingerprint import file_digest
from pipeline_lib.params.features import Features
from pipeline_lib.params.section import optional_path

Pixels = Callable[[Sequence[int]], list[np.ndarray]]
"""Fetch RGB images (height, width, 3) uint8 by row of the sample table."""


@dataclass(frozen=True)
class Extractor:
    """A backbone that a worker process builds once and then reuses."""

    params: Features
    device: str  # "cpu" or "cuda"
    batch_size: int
    weights: str | None  # digest of the local checkpoint

    def encode(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return one float32 vector per image, (images, dimensions).

        The last batch is filled up with black images: a shorter batch takes other kernels, which
        round differently.
        """
        vision = _built(self.params, self.device, self.weights)
        batches = [images[i : i + self.batch_size] for i in range(0, len(images), self.batch_size)]
        return np.concatenate([self._encode_batch(vision, batch) for batch in batches])

    def _encode_batch(self, vision: Vision, images: Sequence[np.ndarray]) -> np.ndarray:
        pixels = vision.preprocess.geometry(images)
        batch = pixels.new_zeros(self.batch_size, *pixels.shape[1:])
        batch[: len(pixels)] = pixels
        with torch.inference_mode(), self._autocast():
            features: Tensor = vision.model(vision.preprocess.normalise(batch.to(self.device)))
        return features[: len(pixels)].float().cpu().numpy()

    def _autocast(self) -> AbstractContextManager[object]:
        if self.params.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device, dtype=getattr(torch, self.params.precision))

    def is_invariant(self, images: Sequence[np.ndarray]) -> bool:
        """Say whether vectors keep their bits when the order and the filling of a batch change."""
        probe = list(images[: self.batch_size])
        whole = self.encode(probe)
        reversed_ = self.encode(probe[::-1])[::-1]
        half = self.encode(probe[: (len(probe) + 1) // 2])
        return np.array_equal(whole, reversed_) and np.array_equal(whole[: len(half)], half)


def extractor(params: Features, device: str, probe: Sequence[np.ndarray]) -> Extractor:
    """Return an extractor whose rows do not depend on their neighbours.

    Kernels are free to round differently by a row's place in the batch. Where ``probe`` shows that
    they do, images are encoded one by one, which is slower and cannot differ.
    """
    path = optional_path(params.weights)
    weights = file_digest(path) if path and path.is_file() else None
    found = Extractor(params, device, params.batch_size, weights)
    return found if found.is_invariant(probe) else replace(found, batch_size=1)


@lru_cache(maxsize=1)
def _built(params: Features, device: str, weights: str | None) -> Vision:
    """Build the model; ``weights`` only tells the cache when the checkpoint has been replaced."""
    vision = build(params.backbone, optional_path(params.weights), num_classes=0, seed=0)
    vision.model.to(device).eval().requires_grad_(False)
    return vision
