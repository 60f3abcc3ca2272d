"""Every kind of artifact writer, to be tried on the same accidents."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.clusters import ASSIGNMENTS
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.tensors import Tensors


def write_table(path: Path, value: int) -> None:
    frame = pl.DataFrame({"sample_id": ["a"], "cluster": [value]}, ASSIGNMENTS.dtypes)
    ASSIGNMENTS.write(frame, path)


def write_tensors(path: Path, value: int) -> None:
    Tensors("numbers", "clusters", FREE).write(path, {"n": np.array([value])})


WRITERS = {
    "bytes": lambda path, value: write_bytes(path, bytes([value])),
    "json": write_json,
    "table": write_table,
    "tensors": write_tensors,
}


@pytest.fixture(params=sorted(WRITERS))
def write(request: pytest.FixtureRequest) -> Callable[[Path, int], None]:
    """Write a small artifact that differs by its value, 0 to 255."""
    return WRITERS[request.param]


@pytest.fixture
def write_by_name() -> dict[str, Callable[[Path, int], None]]:
    """All writers by name."""
    return WRITERS
