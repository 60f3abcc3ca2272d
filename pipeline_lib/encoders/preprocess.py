"""From decoded pixels to a model's input, by the model's own timm data configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import torch
from PIL import Image
from timm.data import create_transform
from torch import Tensor


@dataclass(frozen=True)
class Preprocess:
    """Resize and crop once, to uint8; normalise whenever a batch is used."""

    size: int  # pixels, width = height of the model's input
    mean: tuple[float, ...]  # of values in 0…1
    std: tuple[float, ...]
    interpolation: str
    crop_pct: float  # the crop's share of the resized side
    crop_mode: str  # "center" resizes the short side, "squash" both, "border" pads

    @cached_property
    def _transform(self) -> Any:
        return create_transform(
            (3, self.size, self.size),
            mean=self.mean,  # colours the border
            interpolation=self.interpolation,
            crop_pct=self.crop_pct,
            crop_mode=self.crop_mode,
            use_prefetcher=True,  # timm then leaves uint8 and normalisation to the caller
        )

    @property
    def about(self) -> dict[str, Any]:
        """All of it, for a header: whoever uses the weights needs every part."""
        return asdict(self)

    @classmethod
    def told(cls, about: Mapping[str, Any]) -> Self:
        """Return the preprocessing that a header describes."""
        parts: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in about.items()
        }
        return cls(**parts)

    def geometry(self, images: Sequence[np.ndarray]) -> Tensor:
        """Resize and crop RGB images (height, width, 3) to uint8 (batch, 3, size, size)."""
        if self.crop_pct == 1 and all(i.shape[:2] == (self.size, self.size) for i in images):
            return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
        tensors = [torch.as_tensor(self._transform(Image.fromarray(i))) for i in images]
        return torch.stack(tensors)

    def normalise(self, batch: Tensor) -> Tensor:
        """Turn uint8 (batch, 3, size, size) into float32 with the model's mean and deviation."""
        scale = torch.tensor(self.std, device=batch.device).mul(255).view(1, 3, 1, 1)
        shift = torch.tensor(self.mean, device=batch.device).mul(255).view(1, 3, 1, 1)
        return (batch.float() - shift) / scale
