"""What lies beside the page: files that it names by relative links.

Each is called after its content. So equal content is one file however often it is shown, a page
finds all that it names also while the next one is being written, and the folder can be copied
anywhere.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline_lib.artifacts.atomic import write_bytes

PAGE = "index.html"
PICTURES, DATA = "pictures", "data"
FOLDERS = (PICTURES, DATA)  # each an out of the stage `report`, made even where nothing lies in it
DIGITS = 16  # hexadecimal, of a name
WRITERS = 16  # threads: a write waits for the disk, which takes several at once


class Beside:
    """The files of one page, in memory until the page is published."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def add(self, folder: str, content: bytes, kind: str) -> str:
        """Keep a file for the page and return the link to it, as "pictures/0f….png".

        Raises:
            ValueError: the folder is none of ``FOLDERS``, so that DVC would not know it.
        """
        if folder not in FOLDERS:
            raise ValueError(f"a file beside the page in '{folder}', expected one of {FOLDERS}")
        link = f"{folder}/{hashlib.sha256(content).hexdigest()[:DIGITS]}.{kind}"
        self._files[link] = content
        return link

    def __getitem__(self, link: str) -> bytes:
        """Return what a link leads to."""
        return self._files[link]

    def __len__(self) -> int:
        return len(self._files)

    def publish(self, out: Path, html: str) -> None:
        """Write the files, then the page, then remove the files of the page before."""
        for folder in FOLDERS:
            (out / folder).mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(_write, (out / link for link in self._files), self._files.values()))
        write_bytes(out / PAGE, html.encode())
        for folder in FOLDERS:
            for path in (out / folder).iterdir():
                if path.relative_to(out).as_posix() not in self._files:
                    path.unlink()


def _write(path: Path, content: bytes) -> None:
    if not (path.exists() and path.read_bytes() == content):
        write_bytes(path, content)
