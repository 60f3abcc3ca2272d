"""What an artifact was: DVC keeps the content of every output under its MD5."""

import subprocess
import sys
from functools import cache
from pathlib import Path


def stored(root: Path, md5: str) -> Path:
    """Return where the cache of the checkout ``root`` has a file, if it has it.

    Args:
        root: the checkout.
        md5: as dvc.lock names the file, or a file of a folder.
    """
    return _cache(root.resolve()) / "files" / "md5" / md5[:2] / md5[2:]


@cache
def _cache(root: Path) -> Path:
    """Ask DVC where its cache is; it takes no lock for that."""
    command = [sys.executable, "-m", "dvc", "cache", "dir"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return root / done.stdout.strip()
