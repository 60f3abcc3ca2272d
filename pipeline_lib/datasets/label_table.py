"""The rows of a table of images beside them: CSV, or a JSON object a line."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline_lib.datasets.label_names import doubled
from pipeline_lib.datasets.names import clean, strip
from pipeline_lib.datasets.reader import Rejection
from pipeline_lib.datasets.text_lists import LINE_END, read_text
from pipeline_lib.errors import InputError

Row = tuple[str, dict[str, str] | Rejection]  # file:line, and its cells by column


def header_of(path: Path) -> list[str]:
    """Return the names of the columns.

    Raises:
        InputError: the file is no text in UTF-8, no table, or two columns have one name.
    """
    if path.suffix == ".jsonl":
        keys = (key for _, cells in _objects(path) for key in cells)
        return list(dict.fromkeys(keys))
    header = next((cells for _, cells in _cells(path)), [])
    twice = doubled(name for name in header if name)  # a spreadsheet adds empty ones
    if twice:
        raise InputError(
            f"{path}: has two columns '{twice[0]}', expected one; rename or remove one of them"
        )
    return header


def rows_of(path: Path, name: str) -> Iterator[Row]:
    """Yield every row; ``name`` is the path of the table below the data set.

    Raises:
        InputError: the file is no text in UTF-8, or no table, with the line.
    """
    if path.suffix == ".jsonl":
        for line, found in _objects(path):
            yield f"{name}:{line}", {key: _text(value) for key, value in found.items()}
        return
    header: list[str] | None = None
    for line, cells in _cells(path):
        where = f"{name}:{line}"
        if header is None:
            header = cells
        elif len(cells) != len(header):
            detail = f"{len(cells)} cells, expected {len(header)}; quote cells that hold commas"
            yield where, Rejection(where, "wrong number of cells", detail)
        else:
            yield where, dict(zip(header, cells, strict=True))


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of every line that is not empty, the header first."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    first = 1
    try:
        for cells in reader:
            if any(strip(cell) for cell in cells):
                yield first, [strip(cell) for cell in cells]
            first = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}: line {first}: {error}, expected cells as CSV quotes them; close the quotes "
            "that open there, and write a quote inside quotes twice"
        ) from error


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(LINE_END.split(read_text(path)), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, object_pairs_hook=_once)
        except ValueError as error:
            found = error
        if not isinstance(found, dict):
            what = f"no JSON ({found})" if isinstance(found, ValueError) else "no object"
            raise InputError(
                f"{path}: line {number} is {what}, expected an object a line, as "
                '{"file_name": "1.jpg", "label": "cat"}; write the file anew'
            )
        yield number, found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = doubled(key for key, _ in pairs)
    if twice:
        raise ValueError(f"key '{twice[0]}' stands there twice")
    return dict(pairs)


def _text(value: object) -> str:
    """Return a value of JSON as a cell of CSV."""
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, float) and value.is_integer():  # pandas makes 3.0 of 3 beside a gap
        value = int(value)
    return clean(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
