"""Small results as canonical JSON: sorted keys, finite numbers, one final newline."""

import json
import math
from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.errors import InputError


def canonical(value: object) -> str:
    """Serialise ``value`` so that equal values give equal text.

    Raises:
        ValueError: a number is not finite (``dvc metrics`` would write invalid JSON).
    """
    _refuse_non_finite(value, "$")
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def write_json(path: Path, value: object) -> None:
    """Write ``value`` to ``path``."""
    write_bytes(path, canonical(value).encode())


def read_json(path: Path) -> Any:
    """Read a JSON artifact.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; run `dvc repro` or `dvc pull`") from error
    except ValueError as error:
        raise InputError(
            f"{path}: not valid JSON ({error}); delete it and run `dvc repro`"
        ) from error


def _refuse_non_finite(value: object, where: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is {value}; expected a finite number")
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_non_finite(item, f"{where}.{key}")
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _refuse_non_finite(item, f"{where}[{index}]")
