"""Whether the inputs that a stage stored are still those that a run was trained on.

Maps of another backbone have the same shapes, and scores of them would mean nothing. Some rows are
compared, since all of them may be many gigabytes.
"""

import hashlib
from collections.abc import Mapping

import numpy as np

from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.shards import Reader
from pipeline_lib.errors import InputError

PROBED = 8  # training images, at even steps

Probe = Mapping[str, str]
"""Digests of what is stored of some images, by key."""


def probe(reader: Reader, table: SampleTable) -> Probe:
    """Return the digests of some training images."""
    steps = np.linspace(0, len(table.train) - 1, min(PROBED, len(table.train)))
    rows = table.train[steps.round().astype(int)]
    return {key: _digest(reader, row) for key, row in zip(table.ids_of(rows), rows, strict=True)}


def check(reader: Reader, table: SampleTable, known: Probe) -> None:
    """Do nothing where the images are stored as they were.

    Raises:
        InputError: one is stored otherwise, or none of them is there.
    """
    row_of = {key: row for row, key in enumerate(table.ids)}
    there = [key for key in known if key in row_of]
    other = [key for key in there if _digest(reader, row_of[key]) != known[key]]
    if other or not there:
        what = f"holds '{other[0]}' otherwise" if other else f"lacks '{next(iter(known))}'"
        raise InputError(
            f"{reader.folder}: {what}, expected what the run was trained on; another network or "
            "other images made this; restore it with `dvc checkout`, or re-run `dvc repro train`"
        )


def _digest(reader: Reader, row: int) -> str:
    found = hashlib.sha256()
    for name in sorted(reader.shapes):
        found.update(reader.rows([row], name).tobytes())
    return found.hexdigest()[:16]
