"""Content digests: names for parts and checkpoints that outlive a killed run."""

import hashlib
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
