"""Get a vision-language model: by open_clip's name, or from a local checkpoint."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import open_clip
from torch import nn

from pipeline_lib.artifacts.vlp import CONFIG_FILE, TEXT_CONFIG, TEXT_FOLDER
from pipeline_lib.encoders.vlp.load import LOCAL, UNLOADABLE, own_text
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.vlp import Checkpoint, Named

PREPROCESS = ("mean", "std", "interpolation", "resize_mode")


@dataclass(frozen=True)
class Acquired:
    """A model with what has to be kept to build it again."""

    model: nn.Module
    config: dict[str, Any]  # as open_clip_config.json holds it
    tokenizer: Any


def acquire(source: Named | Checkpoint, checkpoint: Path | None) -> Acquired:
    """Load the published model that a source names, or the local one at ``checkpoint``.

    Raises:
        InputError: the model or its weights are missing, or do not fit.
    """
    local = checkpoint if isinstance(source, Checkpoint) else None
    if isinstance(source, Checkpoint) and local is None:
        raise InputError(
            "vlp.checkpoint is data/none, expected a file of weights or a folder saved by "
            "open_clip for vlp.source 'checkpoint'; name one, or choose another vlp.source"
        )
    name = _name(source.model, local)
    weights = source.pretrained if isinstance(source, Named) else str(local)
    config = _config(name, weights)
    try:
        model = open_clip.create_model(
            name,
            pretrained=None if name.startswith(LOCAL) else weights,
            require_pretrained=True,
            force_quick_gelu=config["quick_gelu"],
            **(own_text(local) if local is not None and local.is_dir() else {}),
        )
        tokenizer = open_clip.get_tokenizer(name)
    except UNLOADABLE as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise _unfit(source.model, weights, local, reason) from error
    found = model.visual.preprocess_cfg
    preprocess = {key: found[key] for key in PREPROCESS}
    whole = {"model_cfg": config, "preprocess_cfg": preprocess} | _text(model, config)
    return Acquired(model, whole, tokenizer)


def _text(model: nn.Module, config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a text tower of transformers; the model's then points at it."""
    if "hf_model_name" not in config["text_cfg"]:
        return {}
    found = cast(Any, model).text.config.to_dict()
    found.pop("_name_or_path", None)  # where it came from on this machine
    own = {"hf_model_name": TEXT_FOLDER, "hf_tokenizer_name": TEXT_FOLDER}
    config["text_cfg"] = config["text_cfg"] | own
    return {TEXT_CONFIG: found}


def _config(name: str, weights: str) -> dict[str, Any]:
    """Return the model's configuration, with the activation that its weights were trained with."""
    if name.startswith(LOCAL):
        file = Path(name.removeprefix(LOCAL)) / CONFIG_FILE
        config = _read(file)
    else:
        config = open_clip.get_model_config(name) or {}
        tag = open_clip.get_pretrained_cfg(name, weights) or {}
        config["quick_gelu"] = bool(tag.get("quick_gelu", config.get("quick_gelu", False)))
    return {"quick_gelu": False} | config


def _read(file: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads(file.read_bytes())["model_cfg"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(
            f"{file}: holds no 'model_cfg' ({type(error).__name__}), expected the configuration "
            "that open_clip saves; save the model again, or name the file of weights itself"
        ) from error
    return config


def _name(model: str, checkpoint: Path | None) -> str:
    if checkpoint is not None and not checkpoint.exists():
        raise InputError(
            f"vlp.checkpoint: '{checkpoint}' does not exist, expected a file of weights or a "
            "folder saved by open_clip; mend the path, or set it to data/none"
        )
    if checkpoint is not None and checkpoint.is_dir():
        if not (checkpoint / CONFIG_FILE).is_file():
            raise InputError(
                f"vlp.checkpoint: folder '{checkpoint}' holds no {CONFIG_FILE}, expected a folder "
                "saved by open_clip; name the file of weights itself"
            )
        return f"{LOCAL}{checkpoint}"
    if model not in open_clip.list_models():
        raise InputError(
            f"vlp.source.model: no model '{model}'{nearest(model, open_clip.list_models())}"
        )
    return model


def _unfit(model: str, weights: str, checkpoint: Path | None, reason: str) -> InputError:
    if checkpoint is not None:
        return InputError(
            f"vlp.checkpoint: '{checkpoint}' cannot be loaded as {model}: {reason}; "
            "expected weights of that model; mend vlp.source.model or the checkpoint"
        )
    return InputError(
        f"vlp: weights '{weights}' of {model} cannot be had: {reason}; expected a "
        "network or open_clip's cache; choose vlp.source checkpoint, and set vlp.checkpoint to a "
        "local file of weights instead"
    )
