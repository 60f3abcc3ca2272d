"""Files that are either the old one or the new one, never half of the new one."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline_lib.errors import InputError

FULL = (errno.ENOSPC, errno.EDQUOT)
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
IN_THE_WAY = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary sibling of ``path``; on a clean exit it is synced and renamed to ``path``.

    Raises:
        InputError: the folder cannot be made or written to, or the disk is full; ``path`` is
            unchanged.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _sync(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        _sync(path.parent)
    except OSError as error:
        fault = _explain(error)
        if fault is None:
            raise
        raise InputError(f"{path}: {fault}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _explain(error: OSError) -> str | None:
    """Say what the user can mend; None where the error is of another kind."""
    if error.errno in FULL:
        return (
            f"the disk is full ({error.strerror}); free some space, or run `dvc gc -w` to drop "
            "cached artifacts that this workspace does not use, then run again"
        )
    if error.errno in REFUSED + IN_THE_WAY:
        return (
            f"cannot be written ({error.strerror}); expected a writable folder; mend its "
            "permissions, move away what is in the way, or choose another output folder"
        )
    return None
