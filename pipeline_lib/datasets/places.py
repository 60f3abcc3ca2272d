"""Where the pictures lie that lists and annotations name, whoever wrote those names."""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath

from pipeline_lib.datasets.files import extensions, folders, is_system

USUAL = ".jpg"  # of a picture that is listed without extension and does not lie there


def leads_out(name: str) -> bool:
    """Tell whether a relative path is none: empty, absolute, with "..", or no text at all.

    A link that lies inside a data set is followed, wherever it leads: its owner put it there.
    """
    if not name or "\0" in name or any("\ud800" <= character <= "\udfff" for character in name):
        return True
    forms = PurePosixPath(name), PureWindowsPath(name)
    return any(form.is_absolute() or form.drive or ".." in form.parts for form in forms)


def lying(root: Path, places: Iterable[str], name: str) -> str | None:
    """Return the path below ``root`` of a file that lies in one of the folders ``places``.

    The name may be written as Windows or macOS would: with backslashes, in another Unicode form.
    """
    folders = tuple(places)
    for form in _forms(name):
        for place in folders:
            path = str(PurePosixPath(place, form))
            if os.path.isfile(root / path):  # unlike Path.is_file, for any name
                return path
    return None


class Pictures:
    """The pictures of a folder, found by their paths without extension.

    Where one is no JPEG the folder is looked through, once, for the extensions that occur in it;
    no names are kept, so that a folder of millions of files costs nothing.
    """

    def __init__(self, root: Path, folder: str) -> None:
        self._root = root
        self._folder = folder

    def path(self, stem: str) -> str:
        """Return the path below the root; that of a JPEG where nothing lies."""
        usual = str(PurePosixPath(self._folder, stem + USUAL))
        if os.path.isfile(self._root / usual):
            return usual
        names = (stem + extension for extension in self._extensions)
        found = (lying(self._root, (self._folder,), name) for name in names)
        return next((path for path in found if path is not None), usual)

    @cached_property
    def _extensions(self) -> list[str]:
        return _occurring(self._root / self._folder)


def without_extension(name: str) -> str:
    """Return a path without the extension of a picture; "Nr. 12" stays as it is."""
    stem, extension = os.path.splitext(name)
    return stem if extension.lower() in extensions() else name


def _occurring(folder: Path) -> list[str]:
    """Return the extensions of pictures in a folder, as they are spelt there, the usual first."""
    found: set[str] = set()
    for _, inner, files in folders(folder):
        inner[:] = [name for name in inner if not is_system(name)]
        found.update(os.path.splitext(name)[1] for name in files)
    return sorted((e for e in found if e.lower() in extensions()), key=lambda e: (e != USUAL, e))


def _forms(name: str) -> Iterator[str]:
    plain = name.replace("\\", "/")
    composed = (unicodedata.normalize(form, plain) for form in ("NFC", "NFD"))
    yield from dict.fromkeys((name, plain, *composed))
