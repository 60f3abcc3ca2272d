"""What a data set holds, file by file: what `ingest` depends on instead of the folder itself.

The list has the same bytes wherever the folder lies, and stays where the folder is missing. Names
are spelt one way (NFC), since systems differ in it; files of the system are left out.
"""

import hashlib
import json
import stat
import time
import unicodedata
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.datasets.files import is_system, walk
from pipeline_lib.dvc_cache import stored
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest
from pipeline_lib.params.section import read_yaml

THREADS = 4  # that read files; hashing lets go of the interpreter
SETTLED = 2_000_000_000  # ns: a file as old may not change within the same time stamp any more
MISSING = "missing"  # instead of a digest: a link that leads nowhere


class Known(NamedTuple):
    """What a file looked like when it was read."""

    size: int  # bytes
    mtime: int  # ns
    inode: int
    sha256: str


class Listed(NamedTuple):
    """The list of one data set."""

    text: bytes  # one line [path, size, sha256] per file, sorted
    files: int
    read: int  # files whose content was read, not remembered


def list_files(root: Path, kept: Path) -> Listed:
    """List a data set; files that look as they did before are not read again.

    Args:
        root: its folder, or a single file.
        kept: folder in which digests are remembered by size, time and inode.

    Raises:
        InputError: a folder in it is a link.
    """
    memory = kept / f"{digest(str(root.resolve()))}.json"
    before = _remembered(memory)
    started = time.time_ns()
    with ThreadPoolExecutor(THREADS) as pool:
        paths = _paths(root)
        looked = pool.map(lambda path: _look(root, path, before.get(path)), paths)
        found = dict(zip(paths, looked, strict=True))
    settled = {p: k for p, k in found.items() if k.mtime < started - SETTLED}
    if settled != before:
        write_bytes(memory, json.dumps(settled).encode())
    lines = sorted(
        json.dumps([unicodedata.normalize("NFC", path), known.size, known.sha256]) + "\n"
        for path, known in found.items()
    )
    read = sum(known != before.get(path) for path, known in found.items())
    return Listed("".join(lines).encode(), len(found), read)


def refuse_results(root: Path, results: Path) -> None:
    """Do nothing where a data set and the results made of it lie apart.

    Raises:
        InputError: one lies in the other, so that every run would change its own input.
    """
    data, made = root.resolve(), results.resolve()
    if data.is_relative_to(made) or made.is_relative_to(data):
        raise InputError(
            f"dataset.path: '{root}' and the results in {results} lie in each other, expected a "
            "folder of images alone; set dataset.path to that folder"
        )


def keep_listing(out: Path, lock: Path, missing: Path) -> None:
    """Leave the list that dvc.lock names in ``out``, where the data set is not on this machine.

    Raises:
        InputError: there is none, neither in its place nor in DVC's cache.
    """
    expected = locked_digest(out, lock)
    if expected is None:
        raise InputError(
            f"dataset.path: '{missing}' does not exist, and no result was ever made of it; put the "
            "data there, or say where they are: `protoweave use PRESET --data DIR`, or "
            "PROTOWEAVE_DATA=DIR"
        )
    if out.exists() and hashlib.md5(out.read_bytes()).hexdigest() == expected:
        return
    kept = stored(lock.parent, expected)
    if not kept.is_file():
        raise InputError(
            f"dataset.path: '{missing}' does not exist, and {out} is not the list that {lock} "
            "names; run `dvc pull` for the team's results, or say where the data are: "
            "PROTOWEAVE_DATA=DIR"
        )
    write_bytes(out, kept.read_bytes())


def locked_digest(out: Path, lock: Path) -> str | None:
    """Return the MD5 of ``out`` that dvc.lock names, if it names any."""
    stages = read_yaml(lock).get("stages", {}) if lock.exists() else {}
    outs = stages.get("listing", {}).get("outs", [])
    return next((o.get("md5") for o in outs if PurePosixPath(o["path"]).name == out.name), None)


def would_change(root: Path, kept: Path, out: Path, lock: Path) -> list[str]:
    """Say in words how the list of the data set differs from the one that dvc.lock names."""
    if not root.exists():
        return []
    found = list_files(root, kept).text
    if hashlib.md5(found).hexdigest() == locked_digest(out, lock):
        return []
    new, old = _by_path(found), _by_path(out.read_bytes() if out.exists() else b"")
    counts = {
        "added": len(new.keys() - old.keys()),
        "gone": len(old.keys() - new.keys()),
        "changed": sum(new[path] != old[path] for path in new.keys() & old.keys()),
    }
    words = ", ".join(f"{count} {verb}" for verb, count in counts.items() if count)
    return [f"files of the data set {root}: {words or 'other than dvc.lock says'}"]


def _by_path(text: bytes) -> dict[str, list[object]]:
    return {path: rest for path, *rest in map(json.loads, text.splitlines())}


def _paths(root: Path) -> list[str]:
    if not root.is_dir():
        return [root.name]
    return [p for p in walk(root) if not any(map(is_system, PurePosixPath(p).parts))]


def _look(root: Path, path: str, before: Known | None) -> Known:
    file = root / path if root.is_dir() else root
    try:
        now = file.stat()
    except OSError:
        return Known(0, 0, 0, MISSING)
    if not stat.S_ISREG(now.st_mode):  # reading a pipe would wait for ever
        raise InputError(
            f"{file}: is a pipe, a socket or a device, expected a file of the data set; take it out"
        )
    looks = (now.st_size, now.st_mtime_ns, now.st_ino)
    if before is not None and before[:3] == looks:
        return before
    try:
        with file.open("rb") as opened:
            return Known(*looks, hashlib.file_digest(opened, "sha256").hexdigest())
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read ({error.strerror}), expected a file of the data set; mend its "
            "permissions, or take it out"
        ) from error


def _remembered(memory: Path) -> dict[str, Known]:
    """Return what is remembered; a damaged memory is none."""
    try:
        found: Iterable[tuple[str, list[object]]] = json.loads(memory.read_bytes()).items()
        return {path: Known(*known) for path, known in found}  # type: ignore[arg-type]
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
