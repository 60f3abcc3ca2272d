"""What ``text`` writes: one vector for every category of a target, whatever their source."""

import hashlib
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.arrays import Array
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError

FILE = "embeddings.safetensors"
FIRST = "of the first prompt, where a vision-language model gives the vectors"
# Header: names (in index order), source, prompts (none of a source without), missing (names that
# the source does not know; their rows are zero), digest (of names and vectors).
EMBEDDINGS = Tensors(
    "text",
    stage="text",
    version=2,  # with seen
    file=f"{{item}}/{FILE}",
    arrays=(
        Array("embeddings", "float32", ("categories", "dims"), "vectors of the names"),
        Array("seen", "bool", ("categories",), "whether training may know the category"),
        Array("simple", "float32", ("categories", "dims"), f"unit length; {FIRST}", optional=True),
        Array("tokens", "int32", ("categories", "length"), FIRST, optional=True),
        Array(
            "places",
            "int32",
            ("categories", "length"),
            "its own words by number from 1, 0 elsewhere",
            optional=True,
        ),
    ),
)


def write_text(
    folder: Path,
    names: list[str],
    arrays: dict[str, np.ndarray],
    *,
    source: str,
    prompts: list[str],
    missing: list[str],
) -> None:
    """Write what is known of ``names`` and, for `dvc metrics`, how many there are."""
    vectors = arrays["embeddings"]
    EMBEDDINGS.write(
        folder / FILE,
        arrays,
        names=names,
        source=source,
        prompts=prompts,
        missing=missing,
        digest=_digest(names, vectors),
    )
    counts = {"categories": len(names), "dims": vectors.shape[1], "missing": len(missing)}
    write_json(folder / "metrics.json", counts)


def read_text(path: Path, names: list[str]) -> dict[str, np.ndarray]:
    """Return the arrays; "embeddings" and "seen" are always there.

    Raises:
        InputError: they belong to other categories.
    """
    arrays, header = EMBEDDINGS.read(path)
    if header["names"] != names:
        raise InputError(
            f"{path}: holds vectors of {len(header['names'])} other categories than the "
            f"{len(names)} of categories.parquet; re-run `dvc repro text`"
        )
    return arrays


def _digest(names: list[str], vectors: np.ndarray) -> str:
    return hashlib.sha256("\n".join(names).encode() + vectors.tobytes()).hexdigest()[:16]
