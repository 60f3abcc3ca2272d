"""Local checkpoints as plain state dicts, without executing anything that a file contains."""

import json
import pickle
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from pipeline_lib.artifacts.tensors import METADATA_KEY
from pipeline_lib.encoders import mobilenet_int8
from pipeline_lib.errors import InputError

TORCH = (".pt", ".pth", ".bin", ".ckpt", ".tar")  # .tar as in model_best.pth.tar: no archive
# What the three readers raise where bytes are missing or are not what they expect.
DAMAGE = (
    SafetensorError,
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,
)
WRAPPERS = ("state_dict", "model", "state_dict_ema", "model_state_dict")


@dataclass(frozen=True)
class Checkpoint:
    """Weights under timm's names, and what the file says about the model they belong to."""

    state: dict[str, Tensor]
    model: str | None = None  # the only model that they fit, where the file says so
    model_args: dict[str, Any] = field(default_factory=dict)  # for timm.create_model
    data_config: dict[str, Any] = field(default_factory=dict)  # overrides timm's, e.g. mean and std


def load(path: Path) -> Checkpoint:
    """Read a checkpoint: safetensors, torch (``weights_only``), or the int8 MobileNetV2 archive.

    Raises:
        InputError: the file is missing, damaged, of an unknown kind, or wants to execute code.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: no such checkpoint; expected a .safetensors, .pt, .pth, .bin or .npz file; "
            "mend the `weights` parameter that names it"
        )
    try:
        return _read(path)
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(
            f"{path}: not a complete checkpoint ({type(error).__name__}: {error}); expected "
            "safetensors, a torch file or an int8 archive; copy or download it again"
        ) from error


def _read(path: Path) -> Checkpoint:
    if path.suffix == ".safetensors":
        return _safetensors(path)
    if path.suffix == ".npz":
        return _archive(path)
    if path.suffix in TORCH:
        return Checkpoint(_torch(path))
    raise InputError(
        f"{path}: a checkpoint of unknown kind '{path.suffix}', expected .safetensors, .npz or one "
        f"of {', '.join(TORCH)}; convert it to safetensors under timm's names"
    )


def _safetensors(path: Path) -> Checkpoint:
    """Read a file; one that ``baseline`` wrote says of what network and inputs its weights are."""
    with safe_open(path, framework="pt") as file:
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        header = json.loads((file.metadata() or {}).get(METADATA_KEY, "{}"))
    seen = header.get("preprocess") or {}  # the size of images is params.yaml's to say
    return Checkpoint(
        state,
        model_args=arguments(header.get("model_args") or {}, path),
        data_config={k: v for k, v in seen.items() if k != "size"},
    )


def arguments(said: Any, path: Path) -> dict[str, Any]:
    """Return arguments of timm.create_model; a file may ask for those that are handed on here.

    Others could make timm load or download something else.
    """
    if said in ({}, mobilenet_int8.MODEL_ARGS):
        return dict(said)
    raise InputError(
        f"{path}: its header wants timm's model built with {said}, expected "
        f"{mobilenet_int8.MODEL_ARGS} or nothing; save the tensors alone, as safetensors"
    )


def _torch(path: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path}: holds other things than tensors, which are all that is read from a "
            "checkpoint; save its state_dict alone, best as safetensors "
            "(safetensors.torch.save_file)"
        ) from error
    content = _unwrapped(content)
    state = content if isinstance(content, dict) else {}
    state = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    if not state:
        raise InputError(
            f"{path}: holds a {type(content).__name__} without tensors, expected a state dict; "
            "save the model's state_dict()"
        )
    return {name.removeprefix("module."): value for name, value in state.items()}


def _unwrapped(content: Any) -> Any:
    """Return what lies inside the dictionaries that training scripts wrap around weights."""
    for key in WRAPPERS:
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            return _unwrapped(content[key])
    return content


def _archive(path: Path) -> Checkpoint:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    if not mobilenet_int8.recognises(arrays):
        raise InputError(
            f"{path}: arrays {sorted(arrays)[:3]}… are no int8 MobileNetV2, the one .npz layout "
            "that is read; convert the weights to safetensors under timm's names"
        )
    return Checkpoint(
        mobilenet_int8.state_dict(arrays),
        mobilenet_int8.MODEL,
        mobilenet_int8.MODEL_ARGS,
        mobilenet_int8.DATA_CONFIG,
    )
