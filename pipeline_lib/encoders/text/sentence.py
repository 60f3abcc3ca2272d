"""A sentence encoder from a local folder, in the form of Sentence-Transformers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline_lib.errors import InputError

BATCH = 64  # sentences


def encode(sentences: Sequence[str], path: Path | None, device: str) -> np.ndarray:
    """Return (sentences, dims) float32.

    Raises:
        InputError: the library or the model is missing, or the folder holds something else.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise InputError(
            "text.source 'sentence' needs the package sentence-transformers, which is not "
            "installed; pip install -e '.[sentence]', or choose another text.source"
        ) from error
    if path is None or not path.is_dir():
        raise _unfit(path, "is no folder")
    try:
        model = SentenceTransformer(
            str(path),
            device=device,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},  # nothing is unpickled
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unfit(path, str(error).partition("\n")[0]) from error
    vectors = model.encode(list(sentences), batch_size=BATCH, show_progress_bar=False)
    return np.asarray(vectors, np.float32)


def _unfit(path: Path | None, found: str) -> InputError:
    return InputError(
        f"{path} (text.path): {found}; expected a local folder as Sentence-Transformers "
        "saves it, with model.safetensors; nothing is downloaded"
    )
