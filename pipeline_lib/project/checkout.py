"""Whether this is a checkout of Protoweave, and whether DVC is at work in it."""

import json
import os
from pathlib import Path
from typing import Any

from pipeline_lib.errors import InputError

LOCK = Path(".dvc/tmp/rwlock")  # who of DVC reads and writes what


def refuse_elsewhere(root: Path) -> None:
    """Do nothing in a checkout.

    Raises:
        InputError: there are no presets here.
    """
    if not (root / "presets").is_dir():
        raise InputError(
            f"{root.resolve()}: no folder presets/, expected a checkout of Protoweave; change to "
            "its folder first, or `git clone` it"
        )


def refuse_while_running(root: Path) -> None:
    """Do nothing unless a process of DVC writes results here.

    DVC reads params.yaml again after a stage, so a change meanwhile would be recorded with results
    that it had no part in.

    Raises:
        InputError: one does.
    """
    pid = _writer(root / LOCK)
    if pid:
        raise InputError(
            f"{LOCK}: process {pid} runs `dvc repro` here and would record results under the new "
            "params.yaml; let it end or stop it first, or work in another clone"
        )


def _writer(lock: Path) -> int | None:
    """Return a living process that writes, if there is one."""
    try:
        content: Any = json.loads(lock.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # no lock, or one that a kill cut off
        return None
    entries = content.values() if isinstance(content, dict) else ()
    writers = [entry.get("write") or {} for entry in entries if isinstance(entry, dict)]
    return next(
        (w["pid"] for w in writers if isinstance(w.get("pid"), int) and _lives(w["pid"])), None
    )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
