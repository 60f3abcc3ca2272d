"""What a backbone gives before its pooling, laid out as a map: for every timm layout there is."""

from typing import Any

import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.nn.shapes import Float


def as_grid(features: Tensor, model: nn.Module) -> Float[Tensor, "batch dims height width"]:
    """Lay features out as (batch, dims, height, width); class tokens are left out.

    Args:
        features: convolutional maps (batch, dims, height, width); maps of a model whose channels
            come last (batch, height, width, dims); or tokens (batch, tokens, dims).
        model: what gave them. timm's ``output_fmt`` says whether its channels come last.

    Raises:
        InputError: they form no grid.
    """
    if features.ndim == 4:
        return features.permute(0, 3, 1, 2) if channels_last(model) else features
    grid = getattr(getattr(model, "patch_embed", None), "grid_size", None)
    tokens = features.shape[1] - int(getattr(model, "num_prefix_tokens", 0))
    if features.ndim != 3 or grid is None or grid[0] * grid[1] != tokens:
        raise InputError(
            f"backbone '{_name(model)}' gives features of shape {tuple(features.shape[1:])}, "
            "expected a map or patch tokens; choose another `backbone.model`"
        )
    return features[:, -tokens:].transpose(1, 2).reshape(features.shape[0], -1, *grid)


def channels_last(model: nn.Module) -> bool:
    """Say whether the maps of a timm model are (batch, height, width, dims)."""
    return bool(getattr(model, "output_fmt", "NCHW") == "NHWC")


def last_map(model: nn.Module, images: Tensor) -> Float[Tensor, "batch dims height width"]:
    """Return what the model pools, as a map; a model without ``forward_features`` gives maps.

    Raises:
        InputError: it forms no grid.
    """
    encode: Any = getattr(model, "forward_features", model)
    return as_grid(torch.as_tensor(encode(images)), model)


def _name(model: nn.Module) -> str:
    config: Any = getattr(model, "pretrained_cfg", {})
    return str(config.get("architecture", type(model).__name__))
