"""Load what the stage ``vlp`` wrote."""

import json
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import open_clip
import torch

from pipeline_lib.artifacts.vlp import (
    CLASSIFIER,
    CLASSIFIER_FILE,
    CONFIG_FILE,
    TEXT_FILE,
    TEXT_FOLDER,
)
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.vlp import tiny_trunk  # noqa: F401 - registers its network with timm
from pipeline_lib.encoders.vlp.towers import Towers, Vlp
from pipeline_lib.encoders.window import OPEN_CLIP_MODES
from pipeline_lib.errors import InputError
from pipeline_lib.nn.towers import TrunkClassifier

LOCAL = "local-dir:"
UNLOADABLE = (OSError, RuntimeError, ValueError, KeyError, AssertionError, UnpicklingError)


def load(folder: Path) -> Vlp:
    """Load both towers and their preprocessing.

    Raises:
        InputError: the folder holds no whole model, or one whose patches nothing knows.
    """
    if not (folder / CONFIG_FILE).is_file():
        raise InputError(
            f"{folder}: holds no {CONFIG_FILE}, expected a vision-language model; run `dvc "
            "repro vlp` or `dvc pull`"
        )
    try:
        model = open_clip.create_model(
            f"{LOCAL}{folder}", require_pretrained=True, **own_text(folder)
        )
    except UNLOADABLE as error:
        raise InputError(
            f"{folder}: not a complete vision-language model ({_first_line(error)}); re-run "
            "`dvc repro vlp`"
        ) from error
    towers = Towers(
        model.eval(),
        str(folder),
        tokenizer=lambda sentences: tokenizer(folder)(sentences),  # read by those who encode some
        classifier=_classifier(folder),
    )
    return Vlp(towers.requires_grad_(False), preprocess_of(model.visual))


def _classifier(folder: Path) -> TrunkClassifier | None:
    path = folder / CLASSIFIER_FILE
    if not path.is_file():
        return None
    arrays, _ = CLASSIFIER.read(path)
    return TrunkClassifier(**{name: torch.from_numpy(array) for name, array in arrays.items()})


def own_text(folder: Path) -> dict[str, Any]:
    """Return what open_clip has to be told to build a text tower of transformers from the folder.

    open_clip takes a relative name for one of a hub; so the folder is named in full here, where it
    lies, and nowhere in it.
    """
    if not (folder / TEXT_FOLDER / TEXT_FILE).is_file():
        return {}
    stored = json.loads((folder / CONFIG_FILE).read_bytes())["model_cfg"]["text_cfg"]
    place = str((folder / TEXT_FOLDER).resolve())
    return {"text_cfg": stored | {"hf_model_name": place, "hf_model_pretrained": False}}


def tokenizer(folder: Path) -> Any:
    """Return the model's own tokenizer: called with sentences, it gives (texts, length) int64."""
    return open_clip.get_tokenizer(f"{LOCAL}{folder}")


def preprocess_of(visual: Any) -> Preprocess:
    """Return open_clip's preprocessing of images in timm's words."""
    found = visual.preprocess_cfg
    size = found["size"]
    return Preprocess(
        size if isinstance(size, int) else size[0],
        tuple(found["mean"]),
        tuple(found["std"]),
        found["interpolation"],
        1.0,
        OPEN_CLIP_MODES[found["resize_mode"]],
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
