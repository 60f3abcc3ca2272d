"""Which part of an image a model sees; apart from `preprocess`, so that it needs no torch."""

import math
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.shards import MAPS

OPEN_CLIP_MODES = {"shortest": "center", "squash": "squash", "longest": "border"}
"""open_clip's `resize_mode` in timm's words."""


def window(
    width: np.ndarray, height: np.ndarray, *, crop_pct: float, crop_mode: str, size: int
) -> np.ndarray:
    """Return the part of each image that a model sees: left, top, right, bottom (images, 4).

    In fractions of the image; beyond 0…1 where a border is added. ``size`` is the model's input,
    in pixels. Up to the rounding of pixels.
    """
    share = size / math.floor(size / crop_pct)  # timm resizes to whole pixels, then crops
    if crop_mode == "squash":
        shares = np.full((len(width), 2), share)
    else:
        side = (np.maximum if crop_mode == "border" else np.minimum)(width, height) * share
        shares = np.stack([side / width, side / height], 1)
    found: np.ndarray = np.concatenate([(1 - shares) / 2, (1 + shares) / 2], 1)
    return found


def windows(maps: Path, samples: pl.DataFrame) -> np.ndarray:
    """Return what the network in front of the feature maps saw of each image, (images, 4).

    Left, top, right, bottom, in fractions of the image.
    """
    header = MAPS.open(maps, samples["sample_id"].to_list()).header
    width, height = (samples[side].to_numpy() for side in ("width", "height"))
    seen = {name: header["preprocess"][name] for name in ("size", "crop_pct", "crop_mode")}
    return window(width, height, **seen)
