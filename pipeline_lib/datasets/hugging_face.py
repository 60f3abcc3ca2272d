"""What Hugging Face's `datasets` writes into the schema of a file: names of integer labels."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline_lib.datasets.label_names import Raw, doubled
from pipeline_lib.datasets.names import clean
from pipeline_lib.errors import InputError

KEY = b"huggingface"
REPLACED = "\ufffd"  # what a byte becomes that is no UTF-8


def class_names(schema: pa.Schema, column: Sequence[str], where: Path) -> dict[Raw, str]:
    """Return the ClassLabel names of a column, or of a field of a struct: integer to name.

    Raises:
        InputError: the metadata is no JSON, or its names are no names.
    """
    return names_in(_features(schema, where), column, where)


def names_in(features: dict[str, Any], column: Sequence[str], where: Path) -> dict[Raw, str]:
    """Return the names that a data set's features have for a column, as ``class_names``."""
    feature: Any = features
    for name in column:
        feature = mapping(_element(feature)).get(name)
    names = mapping(_element(feature)).get("names")
    if names is None:
        return {}
    if not isinstance(names, list) or not all(isinstance(n, str) and clean(n) for n in names):
        raise _damaged(where, f"the names of '{'.'.join(column)}' are {names}", "a list of texts")
    cleaned = [clean(name) for name in names]
    if strange := next((name for name in cleaned if REPLACED in name), None):
        raise _damaged(where, f"'{strange}' is no text in UTF-8", "a file in UTF-8")
    if twice := doubled(cleaned):
        raise _damaged(where, f"'{twice[0]}' names two labels", "a name for each label")
    return dict(enumerate(cleaned))


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object; null and everything else say nothing."""
    return value if isinstance(value, dict) else {}


def _features(schema: pa.Schema, where: Path) -> dict[str, Any]:
    text = (schema.metadata or {}).get(KEY, b"{}")
    try:
        written = json.loads(text)
    except ValueError as error:
        raise _damaged(where, f"no JSON ({error})", 'JSON {"info": …}') from error
    return mapping(mapping(mapping(written).get("info")).get("features"))


def _element(feature: Any) -> Any:
    """Return what a list's feature says of its elements, in whichever version of `datasets`."""
    while True:
        if isinstance(feature, list) and feature:  # versions before 4
            feature = feature[0]
        elif isinstance(feature, dict) and "_type" in feature and "feature" in feature:
            feature = feature["feature"]
        else:
            return feature


def _damaged(where: Path, found: str, expected: str) -> InputError:
    return InputError(
        f"{where}: its metadata of Hugging Face cannot be used: {found}, expected {expected}; "
        "write the file again without that metadata, or with the right names in it"
    )
