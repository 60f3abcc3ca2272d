"""The classifier that a backbone was trained with, applied to vectors stored without it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import timm

from pipeline_lib.artifacts.scores import BACKBONE
from pipeline_lib.artifacts.tensors import header_of
from pipeline_lib.encoders import cifar_resnet, lenet  # noqa: F401 - two register
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.beliefs import softmax


@dataclass(frozen=True)
class Linear:
    """The last layer of a network, one row per class."""

    weight: np.ndarray  # (classes, dimensions) float64
    bias: np.ndarray  # (classes,) float64


def classifier_name(model: str) -> str:
    """Return the name timm gives to the model's last layer, e.g. "fc"."""
    return classifier_names(model)[0]


def classifier_names(model: str) -> tuple[str, ...]:
    """Return the names of all last layers: distilled models have two."""
    found = timm.get_pretrained_cfg(model).classifier or "head"
    return (found,) if isinstance(found, str) else tuple(found)


def classifier_of(weights: Path, classes: list[str]) -> Linear:
    """Return the classifier that a backbone was trained with here.

    Args:
        weights: what stage ``baseline`` wrote; other files name no classes.
        classes: names of the data set's classes, in index order.

    Raises:
        InputError: they hold no classifier, or one of other classes.
    """
    found = header_of(weights).get("names")
    if found != classes:
        told = f"one of {len(found)} other names" if found else "none of named classes"
        raise InputError(
            f"{weights} (features.weights): as classifier it holds {told}, expected one of the "
            f"{len(classes)} classes of the data set, which clusters.space posteriors applies; "
            "name the weights of `dvc repro baseline@classes`, or set clusters.space to features"
        )
    state, header = BACKBONE.read(weights)
    name = classifier_name(header["model"])
    return Linear(state[f"{name}.weight"].astype(float), state[f"{name}.bias"].astype(float))


def posteriors(vectors: np.ndarray, classifier: Linear) -> np.ndarray:
    """Return the probabilities of the classes, a softmax of W v + b, (images, classes) float32."""
    logits = vectors.astype(np.float64) @ classifier.weight.T + classifier.bias
    return softmax(logits).astype(np.float32)
