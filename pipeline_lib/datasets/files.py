"""Which files of a data set are pictures, and which ones only the system knows of."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import Image

from pipeline_lib.datasets.decode import DAMAGED, FORMATS, formats
from pipeline_lib.errors import InputError

# Formats that another package or a newer Pillow reads: pictures all the same.
OPTIONAL = frozenset({".avif", ".avifs", ".heic", ".heics", ".heif", ".heifs", ".hif"})
MULTI = "MPO"  # two JPEGs in one file, as cameras write them; opened as a JPEG
# What macOS, Windows, Synology and Jupyter leave in folders, beside names that begin with a dot.
SYSTEM = frozenset({"thumbs.db", "desktop.ini", "@eadir", "__macosx", "#recycle", "__pycache__"})
# "Nr. 12" and "IMG.2024" end in no extension: their content tells what they are.
EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,4}$", re.IGNORECASE)


@cache
def extensions() -> frozenset[str]:
    """Return the extensions of pictures, in lower case, with their dots.

    They are those that Pillow knows for the formats that are read, and those of ``OPTIONAL``.
    """
    read = {*FORMATS, MULTI, *formats()}
    known = Image.registered_extensions().items()
    return OPTIONAL | {extension for extension, format in known if format in read}


def is_system(name: str) -> bool:
    """Tell whether a file or folder of that name is hidden, or one that a system made."""
    return name.startswith(".") or name.lower() in SYSTEM


def folders(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield every folder below ``root`` with the names of its folders and files, as ``os.walk``.

    Where there is no folder nothing is yielded.

    Raises:
        InputError: one cannot be read, which ``os.walk`` passes over in silence.
    """
    return os.walk(root, onerror=_refuse) if root.is_dir() else iter(())


def _refuse(error: OSError) -> None:
    raise InputError(
        f"{error.filename}: cannot be read ({error.strerror}), expected a folder of the data set; "
        "mend its permissions, or take it out"
    ) from error


def walk(root: Path) -> Iterator[str]:
    """Yield the path of every file below ``root``, in the order of their folders and names.

    Raises:
        InputError: a folder cannot be read, or is a link. DVC does not look behind it: new pictures
            there would go unnoticed, and a colleague would get none of them.
    """
    for folder, inner, files in folders(root):
        inner.sort()
        for name in inner:
            path = Path(folder, name)
            if path.is_symlink() and not is_system(name):
                raise InputError(
                    f"{path}: is a link to the folder {os.readlink(path)}, which DVC does not look "
                    "into; expected folders of the data set itself; put a copy there (`cp -rs` "
                    "links every file of it, which is fine), or set dataset.path to the folder "
                    "that the links lead to"
                )
        place = Path(folder).relative_to(root).as_posix()
        prefix = "" if place == "." else f"{place}/"
        yield from (prefix + name for name in sorted(files))


def visible_images(root: Path) -> Iterator[str]:
    """Yield the path of every image file below ``root`` that is not hidden, in order.

    Raises:
        InputError: as for ``walk``.
    """
    known = extensions()
    for path in walk(root):
        if any(map(is_system, path.split("/"))):
            continue
        extension = extension_of(path)
        if extension in known or (not extension and is_image(root / path)):
            yield path


def is_image(path: Path) -> bool:
    """Tell by its name whether a file is a picture, and by its content where no extension says.

    A picture need not be sound: that shows when it is decoded.
    """
    extension = extension_of(path.name)
    return extension in extensions() if extension else _holds_picture(path)


def extension_of(name: str) -> str:
    """Return the extension in lower case with its dot, "" where a name has none."""
    found = EXTENSION.search(name.rpartition("/")[2])
    return found.group().lower() if found and found.start() else ""


def _holds_picture(path: Path) -> bool:
    try:
        with Image.open(path, formats=formats()):
            return True
    except DAMAGED:
        return False
