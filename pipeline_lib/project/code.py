"""Which stages execute other code than when they last ran, and which modules changed.

DVC's own status stops at the stage `code`: what that would list is known once it has run. So it
runs here, into a folder of its own.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline_lib.dvc_cache import stored
from pipeline_lib.errors import InputError

STAGE, LISTINGS = "code", "data/artifacts/code"


def code_reasons(root: Path, locked: Mapping[str, Any]) -> dict[str, list[str]]:
    """Say of each stage which modules of its listing changed; stages without change are left out.

    Args:
        root: the checkout.
        locked: what dvc.lock says of each stage.

    Raises:
        InputError: the listings cannot be written, as a module cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        _write_listings(root, Path(folder))
        found = {name: list(_reasons(stage, Path(folder), root)) for name, stage in locked.items()}
    return {name: reasons for name, reasons in found.items() if reasons}


def of_code(path: str) -> bool:
    """Say whether a path is a listing."""
    return Path(path).is_relative_to(LISTINGS)


def _write_listings(root: Path, out: Path) -> None:
    command = [sys.executable, "-m", f"stages.{STAGE}", "--out", str(out)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"the code cannot be listed: {done.stderr.strip()}")


def _reasons(stage: Mapping[str, Any], folder: Path, root: Path) -> Iterator[str]:
    for dependency in stage.get("deps", []):
        if not of_code(dependency["path"]):
            continue
        now = folder / Path(dependency["path"]).relative_to(LISTINGS)
        if not now.exists():
            yield f"code {dependency['path']} is no longer listed"
            continue
        content = now.read_bytes()
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != dependency["md5"]:
            yield from _changes(listed(root, dependency["md5"]), _lines(content))


def _changes(old: dict[str, str] | None, new: dict[str, str]) -> Iterator[str]:
    if old is None:
        yield "its code changed"
        return
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            how = "is new to it" if name not in old else "changed" if name in new else "is gone"
            yield f"code {name} {how}"


def listed(root: Path, md5: str) -> dict[str, str] | None:
    """Return the lines of a listing as it was, where DVC's cache still has it."""
    kept = stored(root, md5)
    return _lines(kept.read_bytes()) if kept.exists() else None


def _lines(content: bytes) -> dict[str, str]:
    """Return the digest of each file in a listing."""
    return dict(line.rsplit(" ", 1) for line in content.decode().splitlines())
