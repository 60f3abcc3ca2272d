"""Where the data set lies on this machine, which is no part of any result.

``dataset.path`` is where it lies for everybody, relative to the checkout. Another place is told by
the environment, or noted by `protoweave use --data DIR` in a file that git ignores.
"""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.errors import InputError
from pipeline_lib.params.section import read_yaml

DATA = "PROTOWEAVE_DATA"
NOTES = Path(".protoweave/local.yaml")  # data: {dataset.path: folder on this machine}
KEY = "data"
DRAWN, OWN = "data/raw/scenes", "data/raw/images"  # what lies in git, and what a team may put there
EXPERIMENTS = (".dvc", "tmp", "exps")  # where DVC copies a checkout to for `dvc exp run --temp`


def locate(path: str, checkout: Path = Path()) -> Path:
    """Return the folder that ``dataset.path`` stands for on this machine; it need not exist.

    The environment comes first, then what was noted, then the path itself; each of them also in
    the checkout that an experiment of DVC was copied from.

    Raises:
        InputError: the environment or the notes name a folder that is not there.
    """
    told = os.environ.get(DATA)
    if told:
        return _existing(Path(told).expanduser(), f"{DATA}={told!r}")
    homes = [checkout, *_original(checkout)]
    for home in homes:
        noted = _notes(home).get(path)
        if noted:
            return _existing(home / Path(noted).expanduser(), f"{home / NOTES}: {path}: {noted}")
    places = [home / Path(path).expanduser() for home in homes]
    return next((place for place in places if place.exists()), places[0])


def without_place(text: str, root: Path) -> str:
    """Return a text with the paths of a data set as seen from its folder, wherever that lies.

    What systems and readers say of a file names the whole of its path, and artifacts must not.
    """
    return text.replace(f"{root.parent if root.is_file() else root}/", "")


def is_here(path: str, checkout: Path = Path()) -> bool:
    """Say whether this machine has the data set."""
    try:
        return locate(path, checkout).exists()
    except InputError:
        return False


def note(path: str, folder: Path | None, checkout: Path = Path()) -> None:
    """Note where ``dataset.path`` lies on this machine; None forgets it."""
    known = _notes(checkout)
    if folder is None and path not in known:
        return
    known.pop(path, None)
    if folder is not None:
        known[path] = str(folder)
    text = StringIO()
    YAML().dump({KEY: known}, text)
    write_bytes(checkout / NOTES, text.getvalue().encode())


def place(folder: Path, checkout: Path = Path()) -> tuple[str | None, Path | None]:
    """Return the ``dataset.path`` of a folder in the checkout, or the folder if it lies elsewhere.

    The first holds for everybody, the second on this machine only.
    """
    whole = Path(os.path.abspath(folder.expanduser()))
    for home in (checkout.absolute(), checkout.resolve()):
        if whole.is_relative_to(home):
            return whole.relative_to(home).as_posix(), None
    return None, whole


def private(checkout: Path = Path()) -> Path:
    """Return the folder for what is kept about the data set, shared by all its experiments."""
    return next(_original(checkout), checkout) / ".protoweave"


def _notes(checkout: Path) -> dict[str, str]:
    path = checkout / NOTES
    if not path.exists():
        return {}
    found = read_yaml(path).get(KEY)
    if not isinstance(found, dict):
        raise InputError(
            f"{path}: {KEY} is {found!r}, expected pairs of dataset.path and a folder of this "
            "machine; delete the file, and run `protoweave use PRESET --data DIR`"
        )
    return {str(key): str(value) for key, value in found.items()}


def _existing(folder: Path, where: str) -> Path:
    if not folder.exists():
        raise InputError(
            f"{where}: there is no such folder, expected that of the data set; mend it, or remove "
            "it where this machine has no copy"
        )
    return folder


def _original(checkout: Path) -> Iterator[Path]:
    """Yield the checkout whose experiment this copy is."""
    for folder in checkout.resolve().parents:
        if folder.parts[-3:] == EXPERIMENTS:
            yield folder.parents[2]
