"""Image-level labels of Open Images, millions of rows of CSV, read in batches into two arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from pipeline_lib.datasets.label_rows import BITS, LABEL, LabelRows, distinct
from pipeline_lib.errors import InputError

BLOCK = 16 * 2**20  # bytes of CSV at a time
DIGITS = 16  # of an image id, hexadecimal
COLUMNS = {"ImageID": pa.string(), "LabelName": pa.string(), "Confidence": pa.float32()}


@dataclass(frozen=True)
class Rows:
    """The images that some files name, with the labels that they carry."""

    ids: np.ndarray  # (images,) uint64, ascending
    labels: LabelRows

    def images(self) -> Iterator[tuple[str, list[int]]]:
        """Yield the id of every image as it is written, and its labels, ascending."""
        for row, number in enumerate(self.ids.tolist()):
            yield f"{number:0{DIGITS}x}", self.labels[row]


def read_rows(
    files: Sequence[Path], numbers: Mapping[str, int], *, confidence: float, listed: Path | None
) -> Rows:
    """Read annotation files of one split.

    A label that some row says with confidence 0 is not carried. An image that has rows, but of no
    known label, is one without labels.

    Args:
        files: CSV with the columns ImageID, LabelName and Confidence, among others.
        numbers: of the labels that count, by machine name.
        confidence: the least one of a row that counts, above 0.
        listed: CSV with a column ImageID, of images that count without a row too.

    Raises:
        InputError: a file is no such CSV, or an image id is not 16 hexadecimal digits.
    """
    known = pa.array(list(numbers), pa.string())
    number = np.fromiter(numbers.values(), np.int64, len(numbers))
    parts = [part for path in files for part in _pairs(path, known, number, confidence)]
    named = [images for images, _, _ in parts]
    if listed is not None:
        named += [_numbers(batch["ImageID"], listed) for batch in _batches(listed, ["ImageID"])]
    ids = distinct(np.concatenate([np.zeros(0, np.uint64), *named]))
    carried, absent = (_collected(parts, ids, kind) for kind in (1, 2))
    kept = np.setdiff1d(carried, absent, assume_unique=True)
    return Rows(ids, LabelRows.of_pairs(kept >> BITS, kept & LABEL, len(ids)))


Part = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of a batch: the different images, and the pairs that are carried and that are absent.

A pair is (place among these images) · 2²⁴ + label, int64, each only once.
"""


def _pairs(path: Path, known: pa.Array, number: np.ndarray, confidence: float) -> Iterator[Part]:
    for batch in _batches(path, list(COLUMNS)):
        image = _numbers(batch["ImageID"], path)
        images = distinct(image.copy())
        row = np.searchsorted(images, image)
        place = pc.fill_null(pc.index_in(batch["LabelName"], known), -1).to_numpy()
        sure = pc.fill_null(batch["Confidence"], -1.0).to_numpy()
        of_label = place >= 0
        pair = row << BITS | number[np.where(of_label, place, 0)]
        carried, absent = of_label & (sure >= np.float32(confidence)), of_label & (sure == 0)
        yield images, distinct(pair[carried]), distinct(pair[absent])


def _collected(parts: list[Part], ids: np.ndarray, kind: int) -> np.ndarray:
    """Return the pairs of all batches, with the place of the image among all; sorted, unique."""
    found = [np.zeros(0, np.int64)]
    for part in parts:
        images, pair = part[0], part[kind]
        found.append(np.searchsorted(ids, images)[pair >> BITS] << BITS | pair & LABEL)
    return distinct(np.concatenate(found))


def _batches(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    types = {name: COLUMNS[name] for name in columns}
    try:
        with csv.open_csv(
            path,
            read_options=csv.ReadOptions(block_size=BLOCK, use_threads=False),
            convert_options=csv.ConvertOptions(include_columns=columns, column_types=types),
        ) as stream:
            yield from stream
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path}: not a CSV file with the columns {', '.join(columns)} ({error}); download it "
            "again"
        ) from error


def _numbers(ids: pa.Array, path: Path) -> np.ndarray:
    """Return image ids, 16 hexadecimal digits each, as uint64."""
    try:
        fixed = ids.cast(pa.binary()).cast(pa.binary(DIGITS))
        if fixed.null_count:
            raise ValueError("an empty cell")
        text = fixed.buffers()[1][fixed.offset * DIGITS : (fixed.offset + len(fixed)) * DIGITS]
        numbers = np.frombuffer(bytes.fromhex(text.to_pybytes().decode("ascii")), ">u8")
        return _as_many(numbers, len(ids)).astype(np.uint64)
    except (pa.ArrowInvalid, ValueError) as error:
        raise InputError(
            f"{path}: ImageID is not always {DIGITS} hexadecimal digits ({error}), expected ids "
            "such as 000026e7ee790996; download the file again"
        ) from error


def _as_many(numbers: np.ndarray, expected: int) -> np.ndarray:
    if len(numbers) != expected:
        raise ValueError("blanks among the digits")
    return numbers
