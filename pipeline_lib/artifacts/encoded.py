"""How many training images went through a backbone before a run begins: each artifact says it.

A stage that encodes images, or trains on them, writes ``encoded`` into its header, {what for:
images}, with those of the artifacts that it read. So whatever a run reads tells what it rests on.
Counted are passes of *training* images: each evaluation image is encoded once besides, in any run.
What was trained elsewhere (a checkpoint) counts nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline_lib.artifacts.shards import shard_path
from pipeline_lib.artifacts.tensors import header_of
from pipeline_lib.artifacts.vlp import HISTORY_FILE

Encoded = dict[str, int]


def encoded_for(path: Path | None) -> Encoded:
    """Return what an artifact, a file or a folder, rests on; nothing where it says nothing."""
    if path is None:
        return {}
    if (path / HISTORY_FILE).is_file():  # a vision-language model
        history = pl.read_csv(path / HISTORY_FILE)
        trained = "images_encoded" in history.columns and len(history)
        return {"vision-language model": int(history["images_encoded"][-1])} if trained else {}
    return encoded_of(header_of(shard_path(path, 0) if path.is_dir() else path))


def encoded_of(header: Mapping[str, Any]) -> Encoded:
    """Return what an artifact rests on by its header."""
    found: Encoded = header.get("encoded") or {}
    return found


def mean_parts(seeds: list[dict[str, float]]) -> dict[str, float]:
    """Average the counts of seeds; a part that a seed lacks is 0 there."""
    names = dict.fromkeys(name for counts in seeds for name in counts)
    return {n: sum(counts.get(n, 0.0) for counts in seeds) / len(seeds) for n in names}
