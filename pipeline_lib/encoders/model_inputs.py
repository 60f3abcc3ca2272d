"""Model inputs by row of the sample table, resized once and kept while memory allows."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.encoders.extractor import Pixels
from pipeline_lib.encoders.preprocess import Preprocess

KEEP_BYTES = 4 * 2**30


class Inputs:
    """Fetch normalised inputs; images are decoded and resized the first time they are asked for.

    Args:
        pixels: fetches RGB images by row.
        preprocess: of the model that is fed.
        images: how many rows there are.
        device: where batches go.
    """

    def __init__(self, pixels: Pixels, preprocess: Preprocess, images: int, device: str) -> None:
        self._pixels = pixels
        self._preprocess = preprocess
        self._device = device
        shape = (images, 3, preprocess.size, preprocess.size)
        fits = int(np.prod(shape)) <= KEEP_BYTES
        self._kept = torch.empty(shape, dtype=torch.uint8) if fits else None
        self._known = np.zeros(images, bool)

    def __call__(self, rows: Sequence[int]) -> Tensor:
        """Return the inputs of ``rows``, float32 (batch, 3, size, size)."""
        if self._kept is None:
            batch = self._preprocess.geometry(self._pixels(rows))
        else:
            new = [row for row in dict.fromkeys(rows) if not self._known[row]]
            if new:
                self._kept[new] = self._preprocess.geometry(self._pixels(new))
                self._known[new] = True
            batch = self._kept[list(rows)]
        return self._preprocess.normalise(batch.to(self._device, non_blocking=True))
