"""Names for the labels of a Parquet column: its strings, or names for its integers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline_lib.errors import InputError

Raw = int | str


@dataclass(frozen=True)
class Naming:
    """What the values of one column are called, in index order."""

    names: dict[Raw, str]

    def vocabulary(self) -> tuple[str, ...]:
        """Return the names in the order of their values."""
        return tuple(dict.fromkeys(self.names.values()))

    def __call__(self, value: Any) -> tuple[str, ...]:
        """Return the names of one cell, which holds nothing, one label or a list of them."""
        return tuple(dict.fromkeys(self.names[label] for label in labels_of(value)))


def labels_of(value: Any) -> list[Raw]:
    """Return the labels of one cell; nulls, empty strings and negative integers are no labels."""
    cells = value if isinstance(value, list) else [value]
    return [c for c in cells if (c.strip() if isinstance(c, str) else c is not None and c >= 0)]


def check_labels(kind: pa.DataType, column: str, where: Path) -> None:
    """Refuse a column that holds neither strings nor integers nor lists of them."""
    inner = _inner(kind)
    if not (_is_text(inner) or is_integer(inner)):
        raise _wrong_type(where, column, kind, "strings, integers or lists of one of them")


def check_text(kind: pa.DataType, column: str, where: Path) -> None:
    """Refuse a column that holds no strings."""
    if not _is_text(kind):
        raise _wrong_type(where, column, kind, "strings")


def _wrong_type(where: Path, column: str, kind: pa.DataType, expected: str) -> InputError:
    return InputError(
        f"{where}: column '{column}' is {kind}, expected {expected}; name another column in "
        "dataset.columns, or '' for none"
    )


def is_integer(kind: pa.DataType) -> bool:
    """Tell whether a column holds one integer in each row."""
    return bool(pa.types.is_integer(kind))


def name_labels(labels: Iterable[Raw], *, known: dict[Raw, str], stem: str, width: int) -> Naming:
    """Name every label that occurs: by itself, as ``known`` says, or as ``stem_007``.

    Args:
        labels: the labels that occur, in any order.
        known: names of integers, from another column or the file's metadata.
        stem: first part of the name of an integer that nothing names.
        width: least number of its digits.
    """
    present = sorted(set(labels), key=lambda label: (isinstance(label, str), label))
    whole = [label for label in present if isinstance(label, int)]
    width = max(width, len(str(max(whole, default=0))))
    return Naming(
        {
            label: label
            if isinstance(label, str)
            else known.get(label, f"{stem}_{label:0{width}d}")
            for label in present
        }
    )


def hugging_face_names(schema: pa.Schema, column: str) -> dict[Raw, str]:
    """Return the ClassLabel names of ``column`` that `datasets` writes into a file's metadata."""
    text = (schema.metadata or {}).get(b"huggingface", b"{}")
    feature = json.loads(text).get("info", {}).get("features", {}).get(column, {})
    if isinstance(feature, list):  # a list of labels, as datasets < 4 writes it
        feature = feature[0]
    names = feature.get("names") or feature.get("feature", {}).get("names") or []
    return dict(enumerate(names))


def _inner(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _inner(kind.value_type)
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )
