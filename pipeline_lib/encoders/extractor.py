"""Encode images in batches of one fixed shape, so that a row's bits depend on its image alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from pipeline_lib.encoders.feature_map import FeatureMap
from pipeline_lib.encoders.frozen import Frozen, is_invariant
from pipeline_lib.encoders.vision import Vision, build
from pipeline_lib.encoders.vlp.tower_map import tower_map
from pipeline_lib.fingerprint import file_digest
from pipeline_lib.params.features import Features
from pipeline_lib.params.maps import Maps
from pipeline_lib.params.section import optional_path

Pixels = Callable[[Sequence[int]], list[np.ndarray]]
"""Fetch RGB images (height, width, 3) uint8 by row of the sample table."""


@dataclass(frozen=True)
class Extractor:
    """A backbone that a worker process builds once and then reuses.

    Encoding gives arrays by name, one row per image: "global" (images, dimensions) float32 of
    ``Features``; "maps" (images, dims, height, width) and "pooled" (images, pooled), float16, of
    ``Maps``.
    """

    params: Features | Maps
    device: str  # "cpu" or "cuda"
    batch_size: int
    weights: str | None  # digest of the local checkpoint, or of a vision-language model

    @property
    def network(self) -> Frozen:
        """The backbone with what becomes of an image before it sees it."""
        vision = self._vision
        return Frozen(
            vision.model, vision.preprocess, self.batch_size, self.params.precision, self.device
        )

    @property
    def model_args(self) -> dict[str, Any]:
        """What the network is built with beside timm's own arguments."""
        return self._vision.model_args

    @property
    def _vision(self) -> Vision:
        return _built(self.params, self.device, self.weights)

    def encode(self, images: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Return the arrays, one row per image."""
        network = self.network
        batches = [images[i : i + self.batch_size] for i in range(0, len(images), self.batch_size)]
        found = [self._arrays(network, network.preprocess.geometry(batch)) for batch in batches]
        return {name: np.concatenate([rows[name] for rows in found]) for name in found[0]}

    def _arrays(self, network: Frozen, images: Tensor) -> dict[str, np.ndarray]:
        if isinstance(self.params, Maps):
            return {name: rows.cpu().numpy() for name, rows in network.maps(images).items()}
        (vectors,) = network(images)
        return {"global": vectors.float().cpu().numpy()}

    def is_invariant(self, images: Sequence[np.ndarray]) -> bool:
        """Say whether vectors keep their bits when the order and the filling of a batch change."""
        return is_invariant(
            lambda some: list(self.encode(some).values()), images[: self.batch_size]
        )


def extractor(params: Features | Maps, device: str, probe: Sequence[np.ndarray]) -> Extractor:
    """Return an extractor whose rows do not depend on their neighbours.

    Kernels are free to round differently by a row's place in the batch. Where ``probe`` shows that
    they do, images are encoded one by one, which is slower and cannot differ.
    """
    path = optional_path(params.weights)
    weights = file_digest(path) if path and path.exists() else None
    found = Extractor(params, device, params.batch_size, weights)
    return found if found.is_invariant(probe) else replace(found, batch_size=1)


@lru_cache(maxsize=1)
def _built(params: Features | Maps, device: str, weights: str | None) -> Vision:
    """Build the model; ``weights`` only tells the cache when the checkpoint has been replaced."""
    if params.backbone is None:
        vision = Vision(*tower_map(Path(params.weights)))
    else:
        vision = build(params.backbone, optional_path(params.weights), num_classes=0, seed=0)
        if isinstance(params, Maps):
            vision = replace(vision, model=FeatureMap(vision.model, params.layer))
    vision.model.to(device).eval().requires_grad_(False)
    return vision
