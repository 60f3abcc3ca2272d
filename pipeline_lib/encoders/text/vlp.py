"""The text tower of a vision-language model, built by open_clip."""

from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.params.section import nearest

BATCH = 64  # sentences
CONFIG = "open_clip_config.json"  # what a folder saved by open_clip holds


def encode(
    sentences: Sequence[str],
    *,
    model: str,
    pretrained: str,
    checkpoint: Path | None,
    device: str,
) -> np.ndarray:
    """Return (sentences, dims) float32, not normalised.

    Args:
        sentences: texts; what is longer than the model's context is cut.
        model: a name that open_clip knows; ignored where ``checkpoint`` is a folder.
        pretrained: open_clip's name of published weights, which it fetches into its own cache.
        checkpoint: a local file of weights, or a folder as open_clip saves it; None to use the
            published weights.
        device: where the tower runs.

    Raises:
        InputError: the library, the model or the weights are missing, or do not fit.
    """
    try:
        import open_clip
    except ImportError as error:
        raise InputError(
            "text.source 'vlp' needs the package open_clip_torch, which is not installed; "
            "pip install -e '.[vlp]', or choose another text.source"
        ) from error
    name = _name(open_clip, model, checkpoint)
    weights = str(checkpoint) if checkpoint and checkpoint.is_file() else pretrained
    try:
        tower = open_clip.create_model(name, pretrained=weights, require_pretrained=True)
        tokens = open_clip.get_tokenizer(name)
    except (OSError, RuntimeError, ValueError, KeyError, UnpicklingError) as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise _unfit(model, pretrained, checkpoint, reason) from error
    tower = tower.to(device).eval()
    with torch.inference_mode():
        rows = [
            tower.encode_text(tokens(list(sentences[i : i + BATCH])).to(device)).float().cpu()
            for i in range(0, len(sentences), BATCH)
        ]
    return torch.cat(rows).numpy()


def _name(open_clip: Any, model: str, checkpoint: Path | None) -> str:
    if checkpoint is not None and not checkpoint.exists():
        raise InputError(
            f"text.vlp.checkpoint: '{checkpoint}' does not exist, expected a file of weights or a "
            "folder saved by open_clip; mend the path, or set it to data/none"
        )
    if checkpoint is not None and checkpoint.is_dir():
        if not (checkpoint / CONFIG).is_file():
            raise InputError(
                f"text.vlp.checkpoint: folder '{checkpoint}' holds no {CONFIG}, expected a folder "
                "saved by open_clip; name the file of weights itself"
            )
        return f"local-dir:{checkpoint}"
    if model not in open_clip.list_models():
        raise InputError(
            f"text.vlp.model: no model '{model}'{nearest(model, open_clip.list_models())}"
        )
    return model


def _unfit(model: str, pretrained: str, checkpoint: Path | None, reason: str) -> InputError:
    if checkpoint is not None:
        return InputError(
            f"text.vlp.checkpoint: '{checkpoint}' cannot be loaded as {model}: {reason}; expected "
            "weights of that model; mend text.vlp.model or the checkpoint"
        )
    return InputError(
        f"text.vlp: weights '{pretrained}' of {model} cannot be had: {reason}; expected a network "
        "or open_clip's cache; set text.vlp.checkpoint to a local file of weights instead"
    )
