"""Which part of each image the network in front of the feature maps saw."""

from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.encoders.window import window


def windows(maps: Path, samples: pl.DataFrame) -> np.ndarray:
    """Return left, top, right, bottom in fractions of each image, (images, 4)."""
    header = MAPS.open(maps, samples["sample_id"].to_list()).header
    width, height = (samples[side].to_numpy() for side in ("width", "height"))
    seen = {name: header["preprocess"][name] for name in ("size", "crop_pct", "crop_mode")}
    return window(width, height, **seen)
