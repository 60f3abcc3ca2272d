"""Content digests: names for parts and checkpoints that outlive a killed run."""

import hashlib
import importlib.util
import json
from pathlib import Path


def digest(value: object) -> str:
    """Hash any JSON value to 16 hex digits; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(path: Path, suffix: str = "") -> str:
    """Hash a file, or every file below a folder that ends in ``suffix``, to 16 hex digits."""
    if path.is_dir():
        files = sorted(p for p in path.rglob(f"*{suffix}") if p.is_file())
        return digest([[p.relative_to(path).as_posix(), file_digest(p)] for p in files])
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def code_digest(*packages: str) -> str:
    """Hash the source files of packages.

    Parts and checkpoints carry it, so that work begun before an edit is not continued after it.
    """
    return digest([file_digest(_source_folder(package), ".py") for package in packages])


def _source_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{package} is no package")
    return Path(spec.submodule_search_locations[0])
