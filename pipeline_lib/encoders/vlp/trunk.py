"""The image trunk that made stored vectors, built again with its classifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import timm
from timm.data import ImageNetInfo, infer_imagenet_subset
from torch import Tensor, nn

from pipeline_lib.artifacts.tensors import header_of
from pipeline_lib.encoders import checkpoint
from pipeline_lib.encoders.classifier import classifier_name
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError
from pipeline_lib.settings.backbone import Backbone

BACKGROUND = 1  # classes more than ImageNet has: TensorFlow's first one


@dataclass(frozen=True)
class Classifier:
    """The last layer of a trunk, one row per class."""

    weight: np.ndarray  # (classes, features) float32
    bias: np.ndarray  # (classes,) float32
    names: list[str]


@dataclass(frozen=True)
class Trunk:
    """A timm model, without classifier."""

    model: str  # its name
    state: dict[str, Tensor]
    preprocess: Preprocess  # that the vectors were made with
    classifier: Classifier | None  # where there is one, and its classes have names


def trunk_of(origin: Mapping[str, Any], weights: Path | None, where: Path) -> Trunk:
    """Build the trunk that the header of stored vectors names.

    Args:
        origin: the header.
        weights: a local checkpoint; None: what timm publishes under the trunk's name.
        where: the folder of the vectors.

    Raises:
        InputError: the header names none, the weights cannot be had, or open_clip cannot build it.
    """
    backbone = origin.get("backbone")
    if not backbone or not origin.get("preprocess"):
        raise InputError(
            f"{where} (vlp.vectors): does not say which network made it, expected what features or "
            "maps write; re-run `dvc repro features` or `dvc repro maps`"
        )
    name = str(backbone["model"])
    if args := backbone.get("model_args"):
        raise InputError(
            f"{where} (vlp.vectors): its network is '{name}' with {args}, expected timm's own, as "
            "open_clip passes no arguments on; choose another backbone"
        )
    model = _built(name, int(backbone["image_size"]), weights)
    layer = classifier_name(name)
    state = {k: v for k, v in model.state_dict().items() if not k.startswith(f"{layer}.")}
    classifier = _classifier(model, layer, name, weights)
    return Trunk(name, state, Preprocess.told(origin["preprocess"]), classifier)


def _built(name: str, image_size: int, weights: Path | None) -> nn.Module:
    """Return the model with the classifier that its weights have."""
    backbone = Backbone(model=name, pretrained=weights is None, image_size=image_size)
    try:
        if weights is None:
            classes = int(timm.get_pretrained_cfg(name).num_classes)
        else:
            rows = checkpoint.load(weights).state.get(f"{classifier_name(name)}.weight")
            classes = 0 if rows is None else len(rows)
        return build(backbone, weights, num_classes=classes, seed=0).model
    except InputError as error:
        raise InputError(f"vlp.checkpoint, weights of the trunk of vlp.vectors: {error}") from error


def _classifier(model: nn.Module, layer: str, name: str, weights: Path | None) -> Classifier | None:
    last = dict(model.named_modules()).get(layer)
    if not isinstance(last, nn.Linear | nn.Conv2d):  # an identity: the weights have no classifier
        return None
    rows = last.weight.detach().flatten(1).numpy()
    bias = np.zeros(len(rows), np.float32) if last.bias is None else last.bias.detach().numpy()
    names = class_names(name, len(rows), weights)
    skipped = len(rows) - len(names)
    return Classifier(rows[skipped:], bias[skipped:], names) if names else None


def class_names(model: str, classes: int, weights: Path | None) -> list[str]:
    """Return the names of a classifier's classes, or none where nobody says them.

    A checkpoint that was trained here says them in its header. ImageNet's, by timm's lists, are the
    first words of their synsets; a first class of background, which has no name, is left out.
    """
    stored = header_of(weights).get("names") if weights is not None else None
    if stored is not None:
        return list(stored) if len(stored) == classes else []
    published = getattr(timm.get_pretrained_cfg(model), "num_classes", 0)
    for count in (classes, classes - BACKGROUND):
        subset = infer_imagenet_subset({"num_classes": count})
        if subset and published in (classes, count):
            known = ImageNetInfo(subset).label_descriptions()
            return [text.split(",")[0].strip() for text in known]
    return []
