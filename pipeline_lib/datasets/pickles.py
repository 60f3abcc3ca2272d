"""Read the pickles of old data sets without running what they name.

A pickle is a program. Here it can build only dicts, lists, strings, bytes, numbers and numeric
arrays: the few globals by which bytes and numpy arrays are written lead to the stand-ins below, so
that not even numpy's own parsing of a pickled state is reached, and every other global is refused.
"""

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipeline_lib.errors import InputError

NUMERIC = ("b", "i", "u", "f")
DAMAGED = (
    pickle.UnpicklingError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    MemoryError,
)


class Dtype:
    """Stands in for ``numpy.dtype``: keeps the type code and the byte order."""

    def __init__(self, code: Any, *_: Any) -> None:
        self.numpy = np.dtype(text(code))
        if self.numpy.kind not in NUMERIC:
            raise pickle.UnpicklingError(f"holds an array of {self.numpy}, expected numbers")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the byte order from the state that numpy writes: (version, order, …)."""
        order: Any = text(state[1])
        self.numpy = self.numpy.newbyteorder("=" if order == "|" else order)


class Array:
    """Stands in for ``numpy.ndarray``; ``values`` holds what was read."""

    values: np.ndarray

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Read numpy's state: (version, shape, dtype, is in Fortran order, bytes)."""
        _, shape, dtype, fortran, content = state
        self.values = _array(content, dtype, shape, "F" if fortran else "C")


def _reconstruct(*_: Any) -> Array:
    """Numpy's ``_reconstruct``: an empty array, whose state follows."""
    return Array()


def _from_buffer(content: bytes, dtype: Dtype, shape: Any, order: Any, *_: Any) -> Array:
    """Numpy's ``_frombuffer``, which protocol 5 uses."""
    array = Array()
    array.values = _array(content, dtype, shape, order)
    return array


def _array(content: bytes, dtype: Dtype, shape: Any, order: Any) -> np.ndarray:
    return np.frombuffer(content, dtype.numpy).reshape(shape, order=order)


def _encode(characters: str, *_: Any) -> bytes:
    """Bytes as Python 3 writes them in protocols 0 to 2."""
    return characters.encode("latin-1")


def _no_bytes() -> bytes:
    """Bytes without any, as Python 3 writes them in protocols 0 to 2."""
    return b""


ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): _no_bytes,
    ("numpy", "dtype"): Dtype,
    ("numpy", "ndarray"): Array,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy.core.numeric", "_frombuffer"): _from_buffer,
    ("numpy._core.numeric", "_frombuffer"): _from_buffer,
}


class TextDtype:
    """Stands in for ``numpy.dtype`` where an array is to hold text, as objects."""

    def __init__(self, code: Any, *_: Any) -> None:
        if np.dtype(text(code)).kind != "O":
            raise pickle.UnpicklingError(f"holds an array of {text(code)}, expected text")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Objects have no byte order."""


class TextArray:
    """Stands in for an array of objects, whose state lists them."""

    values: list[Any]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Read numpy's state: (version, shape, dtype, is in Fortran order, list)."""
        self.values = list(state[-1])


def _reconstruct_text(*_: Any) -> TextArray:
    return TextArray()


TEXT_ONLY: dict[tuple[str, str], Callable[..., Any]] = {
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): _no_bytes,
    ("numpy", "dtype"): TextDtype,
    ("numpy", "ndarray"): TextArray,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct_text,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct_text,
}


class _Refused(Exception):
    """A global that no data set needs."""


class _Unpickler(pickle.Unpickler):
    allowed = ALLOWED

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Return a stand-in, or refuse; nothing is imported."""
        found = self.allowed.get((module, name))
        if found is None:
            raise _Refused(f"{module}.{name}")
        return found


class _TextUnpickler(_Unpickler):
    allowed = TEXT_ONLY


def read_pickle(path: Path) -> dict[str, Any]:
    """Return the dictionary in ``path`` with text keys; ``bytes`` stay bytes, as Python 2 wrote.

    Raises:
        InputError: the file is missing, is damaged, holds something else or names a forbidden
            global.
    """
    content = _load(path, _Unpickler)
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds a {type(content).__name__}, expected a dictionary")
    return {text(key): _plain(value) for key, value in content.items()}


def read_strings(path: Path) -> list[str]:
    """Return the text in ``path``, a list or an array of objects.

    Raises:
        InputError: as `read_pickle`.
    """
    content = _load(path, _TextUnpickler)
    values = content.values if isinstance(content, TextArray) else content
    if not isinstance(values, list) or not all(isinstance(v, str | bytes) for v in values):
        raise InputError(f"{path}: holds a {type(values).__name__}, expected a list of text")
    return [text(value) for value in values]


def _load(path: Path, unpickler: type[_Unpickler]) -> Any:
    try:
        return unpickler(io.BytesIO(path.read_bytes()), encoding="bytes").load()
    except _Refused as refused:
        raise InputError(
            f"{path}: asks to load {refused}, expected only lists, text and numeric arrays; "
            "nothing was run; do not use this file, get the data set again from its authors"
        ) from None
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; extract the data set's archive again") from error
    except (*DAMAGED, OSError) as error:
        raise InputError(
            f"{path}: not a complete pickle ({error}); extract the data set's archive again"
        ) from error


def text(value: Any) -> str:
    """Return text that Python 2 may have written as bytes; what is no UTF-8 is spelt out."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _plain(value: Any) -> Any:
    return value.values if isinstance(value, Array) else value
