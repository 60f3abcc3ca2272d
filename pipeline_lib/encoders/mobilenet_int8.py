"""The int8 MobileNetV2 1.0 archive: per-channel weights under torchvision's names, for timm.

Each layer is stored as ``NAME.q`` (int8), ``NAME.scale`` (float32, one per output channel) and
``NAME.bias``, with its batch norm folded in: w = q · scale. timm's ``mobilenetv2_100`` keeps batch
norms, so each gets mean 0, variance 1 − ε, weight 1 and the folded bias: it then only adds.

    torchvision here                     timm
    features.0.0                         conv_stem, bn1
    features.1.conv.0.0 / .1             blocks.0.0.conv_dw, bn1 / conv_pw, bn2
    features.k.conv.0.0 / .1.0 / .2      blocks.s.b.conv_pw, bn1 / conv_dw, bn2 / conv_pwl, bn3
    features.18.0                        conv_head, bn2
    classifier.1                         classifier
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

MODEL = "mobilenetv2_100"
# TensorFlow's SAME padding, where torchvision and timm's own weights pad symmetrically.
MODEL_ARGS: dict[str, Any] = {"pad_type": "same"}
# Inputs are (x − 127) / 127.5 for x in 0…255.
DATA_CONFIG: dict[str, Any] = {
    "mean": (127 / 255,) * 3,
    "std": (127.5 / 255,) * 3,
    "crop_pct": 224 / 256,
    "interpolation": "bilinear",
}
BLOCKS_PER_STAGE = (1, 2, 3, 4, 3, 3, 1)
NORM_EPSILON = 1e-5


def recognises(arrays: Mapping[str, np.ndarray]) -> bool:
    """Say whether these arrays are such an archive."""
    return {"features.0.0.q", "features.18.0.scale", "classifier.1.q"} <= arrays.keys()


def state_dict(arrays: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
    """Return float32 weights under the names of timm's ``mobilenetv2_100``."""
    state: dict[str, Tensor] = {}
    for source, convolution, norm in _layers():
        weight, bias = dequantised(arrays, source)
        state[f"{convolution}.weight"] = weight
        state |= _adding_norm(norm, bias)
    weight, bias = dequantised(arrays, "classifier.1")
    return state | {"classifier.weight": weight.flatten(1), "classifier.bias": bias}


def dequantised(arrays: Mapping[str, np.ndarray], layer: str) -> tuple[Tensor, Tensor]:
    """Return the layer's float32 weight, q · scale, and bias."""
    scale = arrays[f"{layer}.scale"].reshape(-1, 1, 1, 1)
    weight = arrays[f"{layer}.q"].astype(np.float32) * scale
    return torch.from_numpy(weight), torch.from_numpy(arrays[f"{layer}.bias"].copy())


def _layers() -> Iterator[tuple[str, str, str]]:
    """Yield (torchvision name, timm convolution, timm batch norm)."""
    yield "features.0.0", "conv_stem", "bn1"
    block = 0
    for stage, count in enumerate(BLOCKS_PER_STAGE):
        for index in range(count):
            block += 1
            here, there = f"features.{block}.conv", f"blocks.{stage}.{index}"
            if stage == 0:  # the first block does not expand
                yield f"{here}.0.0", f"{there}.conv_dw", f"{there}.bn1"
                yield f"{here}.1", f"{there}.conv_pw", f"{there}.bn2"
            else:
                yield f"{here}.0.0", f"{there}.conv_pw", f"{there}.bn1"
                yield f"{here}.1.0", f"{there}.conv_dw", f"{there}.bn2"
                yield f"{here}.2", f"{there}.conv_pwl", f"{there}.bn3"
    yield "features.18.0", "conv_head", "bn2"


def _adding_norm(name: str, bias: Tensor) -> dict[str, Tensor]:
    one = torch.ones_like(bias)
    return {
        f"{name}.weight": one,
        f"{name}.bias": bias,
        f"{name}.running_mean": torch.zeros_like(bias),
        f"{name}.running_var": one * (1 - NORM_EPSILON),
        f"{name}.num_batches_tracked": torch.tensor(0),
    }
