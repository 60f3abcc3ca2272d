"""Build a vision backbone: any timm model, from random, published or local weights."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import timm
import torch
from timm.data import resolve_data_config
from timm.models import is_model, is_model_pretrained
from torch import nn

from pipeline_lib.encoders import checkpoint
from pipeline_lib.encoders.classifier import classifier_names
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError
from pipeline_lib.nn.state import difference
from pipeline_lib.params.nearest import nearest
from pipeline_lib.settings.backbone import Backbone, DenseBackbone


@dataclass(frozen=True)
class Vision:
    """A model and the preprocessing that belongs to it."""

    model: nn.Module
    preprocess: Preprocess
    model_args: dict[str, Any] = field(default_factory=dict)  # of timm.create_model, where the
    # weights are of another network than timm's own under that name


def build(backbone: Backbone, weights: Path | None, *, num_classes: int, seed: int) -> Vision:
    """Create the model; ``num_classes=0`` leaves its pooled features (batch, num_features).

    Args:
        backbone: the model's name and whether its published weights are downloaded.
        weights: a local checkpoint instead.
        num_classes: outputs of a new classifier, or 0.
        seed: of weights that come from nowhere else.

    Raises:
        InputError: no such model, no such weights, or weights of another model.
    """
    check_names(backbone, weights)
    stored = checkpoint.load(weights) if weights else checkpoint.Checkpoint({})
    _check_model(stored, weights, backbone.model)
    torch.manual_seed(seed)
    model = _create(backbone, num_classes, stored.model_args, pretrained=backbone.pretrained)
    if weights:
        _fill(model, stored, weights, backbone.model)
    size = _input_size(model, backbone.image_size)
    config = resolve_data_config({"input_size": (3, size, size)} | stored.data_config, model=model)
    return Vision(
        model,
        Preprocess(
            size,
            config["mean"],
            config["std"],
            config["interpolation"],
            config["crop_pct"],
            config["crop_mode"],
        ),
        stored.model_args,
    )


def described(model: str, image_size: int, model_args: dict[str, Any]) -> dict[str, Any]:
    """Return what a header says of a backbone, with arguments of its own if it has some."""
    found = {"model": model, "image_size": image_size}
    return found | ({"model_args": model_args} if model_args else {})


def check_names(backbone: Backbone, weights: Path | None) -> None:
    """Look whether timm knows the model, and publishes weights of it if these are wanted.

    Raises:
        InputError: it does not, or there are two sources of weights.
    """
    if not is_model(backbone.model):
        hint = nearest(backbone.model, timm.list_models()).split("; known")[0]
        raise InputError(
            f"model '{backbone.model}' is unknown to timm {timm.__version__}{hint}; "
            "`protoweave models PATTERN` lists the names"
        )
    name, _, tag = backbone.model.partition(".")
    tagged = timm.list_models(f"{name}.*", include_tags=True)
    if tag and backbone.model not in tagged:
        raise InputError(
            f"model '{backbone.model}': timm {timm.__version__} knows no weights '{tag}' of "
            f"'{name}'{nearest(backbone.model, tagged)}"
        )
    if backbone.pretrained and weights:
        raise InputError(
            f"pretrained is true and weights is '{weights}': expected one source of "
            "weights; set pretrained: false or weights: data/none"
        )
    if backbone.pretrained and not is_model_pretrained(backbone.model):
        raise InputError(
            f"timm publishes no weights for '{backbone.model}'; set pretrained: false, or name a "
            "local checkpoint in `weights`"
        )


def _check_model(stored: checkpoint.Checkpoint, weights: Path | None, model: str) -> None:
    if stored.model not in (None, model.partition(".")[0]):
        raise InputError(
            f"{weights}: these are weights of '{stored.model}', not of '{model}'; mend `model` or "
            "`weights`"
        )


def empty(backbone: Backbone, model_args: dict[str, Any]) -> nn.Module:
    """Create the model that ``build`` gives, without classifier, for weights that are kept already.

    Raises:
        InputError: timm does not know it.
    """
    check_names(backbone, None)
    return _create(backbone, 0, model_args, pretrained=False)


def _create(
    backbone: Backbone, num_classes: int, args: dict[str, Any], *, pretrained: bool
) -> nn.Module:
    config = timm.get_pretrained_cfg(backbone.model)
    if backbone.image_size and config.fixed_input_size:
        args = args | {"img_size": backbone.image_size}
    if isinstance(backbone, DenseBackbone) and backbone.output_stride:
        args = args | {"output_stride": backbone.output_stride}
    try:
        model: nn.Module = timm.create_model(
            backbone.model, pretrained=pretrained, num_classes=num_classes, **args
        )
    except OSError as error:  # the hub's errors are OSErrors
        raise InputError(
            f"the published weights of '{backbone.model}' cannot be downloaded "
            f"({str(error).splitlines()[0]}); name a local checkpoint in `weights` and set "
            "pretrained: false, as option --weights of `protoweave use` does"
        ) from error
    except (TypeError, AssertionError) as error:
        if "output_stride" not in args:
            raise
        raise InputError(
            f"model '{backbone.model}' has no output_stride of {args['output_stride']} in timm "
            f"{timm.__version__}; set output_stride: 0 and a larger image_size, or choose another "
            "model"
        ) from error
    return model


def _fill(model: nn.Module, weights: checkpoint.Checkpoint, path: Path, name: str) -> None:
    """Load the weights; a classifier of another size is left out on either side."""
    own = model.state_dict()
    classifier = tuple(f"{layer}." for layer in classifier_names(name))
    kept = {
        key: value
        for key, value in weights.state.items()
        if not key.startswith(classifier) or _fits(value, own.get(key))
    }
    wrong = difference(own, kept, optional=classifier)
    if wrong:
        raise InputError(
            f"{path}: these are not weights of '{name}': the file {wrong}; expected timm's names "
            "and shapes; mend `model`, `image_size` or `weights`"
            + _renamed(weights.state, own, classifier)
        )
    model.load_state_dict(kept, strict=False)


def _fits(value: torch.Tensor, own: torch.Tensor | None) -> bool:
    return own is not None and own.shape == value.shape


def _renamed(
    stored: dict[str, torch.Tensor], own: dict[str, torch.Tensor], classifier: tuple[str, ...]
) -> str:
    """Say so where all tensors are there, in the same order, and other programs' names alone."""
    wanted = [value.shape for key, value in own.items() if not key.startswith(classifier)]
    found = [value.shape for value in stored.values()][: len(wanted)]
    if found != wanted or stored.keys() & own.keys():
        return ""
    return (
        "; its shapes are these in the same order, so that it may be the model under other names: "
        "docs/quickstart.md, Weights, renames them"
    )


def _input_size(model: nn.Module, image_size: int) -> int:
    return image_size or int(model.pretrained_cfg["input_size"][-1])  # type: ignore[index]
