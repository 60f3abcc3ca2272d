"""A sentence encoder from a local folder, in the form of Sentence-Transformers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline_lib.errors import InputError

BATCH = 64  # sentences


def encode(sentences: Sequence[str], path: Path | None, device: str) -> np.ndarray:
    """Return (sentences, dims) float32.

    Raises:
        InputError: the library or the model is missing, or the folder holds something else.
    """
    model = load(path, device, "text")
    vectors = model.encode(list(sentences), batch_size=BATCH, show_progress_bar=False)
    return np.asarray(vectors, np.float32)


def load(path: Path | None, device: str, section: str) -> Any:
    """Return the encoder as Sentence-Transformers reads it.

    Args:
        path: its folder.
        device: where it computes.
        section: that asks for it, `text` or `vlp`, for messages.

    Raises:
        InputError: as ``encode``.
    """
    name, key = {"text": ("sentence", "path"), "vlp": ("lit", "sentences")}[section]
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise InputError(
            f"{section}.source '{name}' needs the package sentence-transformers, which is not "
            f"installed; pip install -e '.[sentence]', or choose another {section}.source"
        ) from error
    if path is None or not path.is_dir():
        raise _unfit(path, f"{section}.{key}", "is no folder")
    try:
        return SentenceTransformer(
            str(path),
            device=device,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},  # nothing is unpickled
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unfit(path, f"{section}.{key}", str(error).partition("\n")[0]) from error


def _unfit(path: Path | None, key: str, found: str) -> InputError:
    return InputError(
        f"{path} ({key}): {found}; expected a local folder as Sentence-Transformers "
        "saves it, with model.safetensors; nothing is downloaded"
    )
