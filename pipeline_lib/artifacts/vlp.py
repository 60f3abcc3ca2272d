"""What ``vlp`` writes: a folder that any open_clip user can load (`local-dir:FOLDER`)."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.arrays import MORE, Array
from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.tensors import Tensors

WEIGHTS_FILE, CONFIG_FILE = "open_clip_model.safetensors", "open_clip_config.json"
WEIGHTS = Tensors(
    "vlp",
    stage="vlp",
    file=f"{{item}}/{WEIGHTS_FILE}",
    arrays=(Array("{parameter}", "", (MORE,), "under open_clip's names"),),
)
CLASSIFIER_FILE = "classifier.safetensors"
# Of the image trunk, where the names of its classes are known. Header: names (of the classes).
CLASSIFIER = Tensors(
    "trunk classifier",
    stage="vlp",
    file=f"{{item}}/{CLASSIFIER_FILE}",
    arrays=(
        Array("weight", "float32", ("classes", "features"), "of the trunk's pooled features"),
        Array("bias", "float32", ("classes",), "of the logits"),
        Array("embeddings", "float32", ("classes", "dims"), "of the names, unit length"),
    ),
)
# Of a text tower of transformers, what open_clip looks up by the name of a model.
TEXT_FOLDER, TEXT_FILE, TEXT_CONFIG = "text", "config.json", "text_config"
METRICS_FILE = "metrics.json"  # of source lit
HISTORY_FILE = "history.csv"  # empty where nothing was trained
COLUMNS: dict[str, Any] = {
    "epoch": pl.Int64,
    "lr": pl.Float64,
    "images_encoded": pl.Int64,
    "loss": pl.Float64,
}


def write_vlp(
    folder: Path,
    weights: dict[str, np.ndarray],
    config: dict[str, Any],
    tokenizer: Any,
    history: list[dict[str, float]],
    classifier: tuple[dict[str, np.ndarray], list[str]] | None = None,
    metrics: dict[str, Any] | None = None,
) -> None:
    """Write weights and configuration, and beside them the files of a tokenizer that has any.

    A text tower of transformers comes with its own configuration, under ``TEXT_CONFIG``: it goes
    into ``TEXT_FOLDER``, which then is the name of the text model. ``classifier`` are the arrays of
    ``CLASSIFIER`` and the names of its classes; ``metrics`` say what was learned here from what.
    """
    WEIGHTS.write(folder / WEIGHTS_FILE, weights)
    whole = dict(config)
    text = whole.pop(TEXT_CONFIG, None)
    if text is not None:
        write_json(folder / TEXT_FOLDER / TEXT_FILE, text)
    write_json(folder / CONFIG_FILE, whole)
    if hasattr(tokenizer, "save_pretrained"):
        tokenizer.save_pretrained(str(folder))
    if classifier is not None:
        arrays, names = classifier
        CLASSIFIER.write(folder / CLASSIFIER_FILE, arrays, names=names)
    if metrics is not None:
        write_json(folder / METRICS_FILE, metrics)
    terms = dict.fromkeys((name for row in history[:1] for name in row), pl.Float64)
    rows = pl.DataFrame(history, schema=pl.Schema(terms | COLUMNS), strict=False)
    write_bytes(folder / HISTORY_FILE, rows.write_csv().encode())
