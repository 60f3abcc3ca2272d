"""Which Arrow types the columns of a data set may have; a column of nulls holds nothing."""

from pathlib import Path

import pyarrow as pa

from pipeline_lib.errors import InputError


def check_labels(kind: pa.DataType, column: str, where: Path) -> None:
    """Refuse a column that holds neither strings nor integers nor lists of them.

    Programs such as pandas write integers with gaps as floating-point numbers, which are let pass.
    """
    inner = plain(item_of(kind) if is_list(kind) else kind)
    if not (is_text(inner) or is_number(inner) or pa.types.is_null(inner)):
        raise _wrong_type(where, column, kind, "strings, integers or lists of one of them")


def check_text(kind: pa.DataType, column: str, where: Path) -> None:
    """Refuse a column that holds no strings."""
    if not (is_text(plain(kind)) or pa.types.is_null(kind)):
        raise _wrong_type(where, column, kind, "strings")


def check_texts(kind: pa.DataType, column: str, where: Path) -> None:
    """Refuse a column that holds neither strings nor lists of strings."""
    inner = plain(item_of(kind) if is_list(kind) else kind)
    if not (is_text(inner) or pa.types.is_null(inner)):
        raise _wrong_type(where, column, kind, "strings or lists of strings")


def check_key(kind: pa.DataType, column: str, where: Path) -> None:
    """Refuse a column whose cells cannot identify an image."""
    if not (is_text(plain(kind)) or pa.types.is_integer(plain(kind)) or pa.types.is_null(kind)):
        raise _wrong_type(where, column, kind, "strings or integers")


def is_single_number(kind: pa.DataType) -> bool:
    """Tell whether a column holds one number in each row."""
    return is_number(plain(kind))


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type is one of Arrow's three types of strings."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def is_bytes(kind: pa.DataType) -> bool:
    """Tell whether a type is one of Arrow's types of byte strings."""
    inner = plain(kind)
    return bool(
        pa.types.is_binary(inner)
        or pa.types.is_large_binary(inner)
        or pa.types.is_binary_view(inner)
        or pa.types.is_fixed_size_binary(inner)
    )


def is_image(kind: pa.DataType) -> bool:
    """Tell whether a column holds bytes, paths, or the struct {bytes, path} of Hugging Face."""
    if pa.types.is_struct(kind):
        names = {field.name: field.type for field in kind}
        bytes_, path = names.get("bytes", pa.null()), names.get("path", pa.null())
        fits = (is_bytes(bytes_) or pa.types.is_null(bytes_)) and _is_path(path)
        return bool(fits and names.keys() & {"bytes", "path"})
    return is_bytes(kind) or _is_path(kind)


def path_field(kind: pa.DataType) -> str | None:
    """Return where the paths of an image column are: a field, or "" where the column is paths."""
    if is_text(kind):
        return ""
    place = kind.get_field_index("path") if pa.types.is_struct(kind) else -1
    return "path" if place >= 0 and is_text(kind.field(place).type) else None


def _is_path(kind: pa.DataType) -> bool:
    return is_text(kind) or bool(pa.types.is_null(kind))


def is_list(kind: pa.DataType) -> bool:
    """Tell whether a type is one of Arrow's types of lists."""
    return bool(
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
        or pa.types.is_list_view(kind)
        or pa.types.is_large_list_view(kind)
    )


def is_boxes(kind: pa.DataType) -> bool:
    """Tell whether a column holds lists of lists of numbers, or lists of nothing."""
    for _ in range(2):
        if pa.types.is_null(kind):
            return True
        if not is_list(kind):
            return False
        kind = item_of(kind)
    return is_number(kind) or bool(pa.types.is_null(kind))


def is_number(kind: pa.DataType) -> bool:
    """Tell whether a type is one of Arrow's types of integers and floating-point numbers."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values that a dictionary encodes."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def item_of(kind: pa.DataType) -> pa.DataType:
    """Return the type of what a list holds."""
    return kind.value_type


def _wrong_type(where: Path, column: str, kind: pa.DataType, expected: str) -> InputError:
    return InputError(
        f"{where}: column '{column}' is {kind}, expected {expected}; name another column in "
        "dataset.columns, or '' for none"
    )
