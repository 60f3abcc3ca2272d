"""The classifier of an image trunk, made here, for towers whose trunk has none."""

from pathlib import Path

import numpy as np
import torch

from pipeline_lib.artifacts.vlp import CLASSIFIER, CLASSIFIER_FILE
from pipeline_lib.encoders.vlp.load import load

CLASSES = 60  # more than the default preset lets an image be a mixture of


def classify(towers: Path) -> None:
    """Give towers a classifier of some classes, as source lit finds with its trunk."""
    found, draw = load(towers), np.random.default_rng(0)
    size = found.preprocess.size
    width = found.model.visual(torch.zeros(1, 3, size, size)).features.shape[1]
    shapes = {
        "weight": (CLASSES, width), "bias": (CLASSES,), "embeddings": (CLASSES, found.model.dims)
    }  # fmt: skip
    arrays = {n: draw.standard_normal(shape, np.float32) for n, shape in shapes.items()}
    arrays["embeddings"] /= np.linalg.norm(arrays["embeddings"], axis=1, keepdims=True)
    names = [f"class {i}" for i in range(CLASSES)]
    CLASSIFIER.write(towers / CLASSIFIER_FILE, arrays, names=names)
