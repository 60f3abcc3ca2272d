"""Tensor files: named arrays and one canonical JSON header in safetensors, read without copying."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from pipeline_lib.artifacts.arrays import Array, Found, fault_of
from pipeline_lib.artifacts.atomic import replacing
from pipeline_lib.artifacts.versions import remedy
from pipeline_lib.errors import InputError

# One key only: with several, safetensors 0.8 writes them in random order.
METADATA_KEY = "protoweave"
# As numpy calls what safetensors names so.
DTYPES = {
    f"{letter}{bits}": f"{name}{bits}"
    for letter, name in {"F": "float", "I": "int", "U": "uint"}.items()
    for bits in (8, 16, 32, 64)
} | {"BOOL": "bool", "BF16": "bfloat16"}


@dataclass(frozen=True)
class Tensors:
    """One kind of tensor file: its name, the stage that writes it, what it holds, its version."""

    artifact: str
    stage: str
    arrays: tuple[Array, ...]
    version: int = 1
    file: str = (
        ""  # below data/artifacts/<stage>, as dvc.yaml has it; {item} is what it is made for
    )

    def place(self, item: str) -> str:
        """Return where the stage writes it."""
        return f"data/artifacts/{self.stage}/{self.file.format(item=item)}"

    def write(self, path: Path, arrays: Mapping[str, np.ndarray], **header: Any) -> None:
        """Write ``arrays`` and ``header`` (JSON values) atomically.

        Raises:
            InputError: the arrays are not as declared, a floating one holds NaN or infinity, or the
                disk refuses.
        """
        self._check(path, {name: Found(a.dtype.name, a.shape) for name, a in arrays.items()})
        for name, array in arrays.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                count = int((~np.isfinite(array)).sum())
                raise InputError(
                    f"{path}: tensor '{name}' has {count} values that are not finite, expected "
                    "none; look at the stage's input (a diverged training? a bad checkpoint?)"
                )
        header |= {"artifact": self.artifact, "version": self.version}
        metadata = {METADATA_KEY: json.dumps(header, sort_keys=True, ensure_ascii=False)}
        # Not np.ascontiguousarray, which turns a scalar into a vector.
        contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        with replacing(path) as temporary, _os_errors():
            save_file(contiguous, temporary, metadata=metadata)

    def read(self, path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return every array and the header.

        Raises:
            InputError: the file is missing, truncated, of another artifact, or its arrays are not
                as declared.
        """
        with self.opened(path) as (file, header):
            return {name: file.get_tensor(name) for name in file.keys()}, header  # noqa: SIM118

    @contextmanager
    def opened(self, path: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield the safetensors handle, for slices of large arrays, and the header."""
        try:
            file = safe_open(path, framework="np")
        except FileNotFoundError as error:
            raise InputError(
                f"{path}: missing; run `dvc repro {self.stage}` or `dvc pull`"
            ) from error
        except (SafetensorError, OSError) as error:
            raise self._fault(path, f"not a complete tensor file ({error})") from error
        with file:
            header = _header(file)
            expected = {"artifact": self.artifact, "version": self.version}
            if {key: header.get(key) for key in expected} != expected:
                raise InputError(
                    f"{path}: holds artifact {header.get('artifact')!r} version "
                    f"{header.get('version')}, expected {self.artifact!r} version {self.version}; "
                    f"{remedy(self.stage, expected, header)}"
                )
            self._check(path, dict(_arrays_of(file)))
            yield file, header

    def _check(self, path: Path, arrays: Mapping[str, Found]) -> None:
        if fault := fault_of(self.arrays, arrays):
            raise self._fault(path, fault)

    def _fault(self, path: Path, what: str) -> InputError:
        return InputError(f"{path}: {what}; re-run `dvc repro {self.stage}`")


@contextmanager
def _os_errors() -> Iterator[None]:
    """Raise the OSError that safetensors hides in the text of its own error."""
    try:
        yield
    except SafetensorError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise
        code = int(number[1])
        raise OSError(code, os.strerror(code)) from error


def header_of(path: Path) -> dict[str, Any]:
    """Return what a file says of itself; nothing where it is missing or no file of ours."""
    try:
        with safe_open(path, framework="np") as file:
            return _header(file)
    except (OSError, SafetensorError, ValueError):
        return {}


def _arrays_of(file: Any) -> Iterator[tuple[str, Found]]:
    for name in file.keys():  # noqa: SIM118
        piece = file.get_slice(name)
        yield name, Found(DTYPES[piece.get_dtype()], tuple(piece.get_shape()))


def _header(file: Any) -> dict[str, Any]:
    metadata: dict[str, str] = file.metadata() or {}
    header: dict[str, Any] = json.loads(metadata.get(METADATA_KEY, "{}"))
    return header
