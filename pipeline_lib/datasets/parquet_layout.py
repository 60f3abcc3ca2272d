"""Which files below a folder hold the rows of one data set, and the splits that paths announce.

Read are the layouts of the Hugging Face Hub (``data/train-00000-of-00002.parquet``,
``<config>/<split>/0000.parquet``), the folders that ``save_to_disk`` writes, and those of Spark
(``train.parquet/part-00000-….parquet``).
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from pipeline_lib.artifacts.samples import TEST, VAL
from pipeline_lib.datasets.files import extensions, folders, is_system
from pipeline_lib.datasets.label_names import some
from pipeline_lib.datasets.splits import split_name, split_names, split_of_file
from pipeline_lib.errors import InputError

PARQUET = frozenset({".parquet", ".pq", ".parq"})
ARROW = frozenset({".arrow", ".feather"})
DATA = "data"  # the folder of the files of a repository that has one configuration
LISTS = STATE, DICTIONARY = "state.json", "dataset_dict.json"  # of save_to_disk
CACHE = "cache-"  # what `datasets` leaves beside the data: results of its map and filter
PARTIAL = "partial-"  # the first part of a split of more than 5 GB, converted by the Hub
# of push_to_hub, save_to_disk and TFDS; a folder may be called so, too
COUNTED = re.compile(r"-(?P<number>\d{5})-of-(?P<total>\d{5})(?![^/]*/)")
SPLIT = "split="  # a folder for each split, as Hive and Spark write partitions


@dataclass(frozen=True)
class Shard:
    """One file of rows."""

    path: Path
    split: str | None  # None: neither its name nor its folders say


@dataclass(frozen=True)
class Saved:
    """What ``save_to_disk`` says of a folder."""

    names: frozenset[str]  # of the files of data
    split: str | None


def detect(root: Path) -> bool:
    """Tell whether ``root`` is a file of rows, or a folder of them and of no image files."""
    if root.is_file():
        return _suffix(root) in PARQUET | ARROW
    folders = (path for path in (root, root / DATA) if path.is_dir())
    at_the_top = (path for folder in folders for path in folder.iterdir())
    if any(_suffix(path) in PARQUET and not is_system(path.name) for path in at_the_top):
        return True
    found = False
    for path in _visible(root):
        if _suffix(path) in extensions():
            return False
        found = found or _suffix(path) in PARQUET | ARROW
    return found


def find_shards(root: Path) -> list[Shard]:
    """Return the files of the data set at ``root`` in the order of their paths.

    Raises:
        InputError: there is none, there are several configurations, or folders are partitions.
    """
    if root.is_file():
        return [Shard(root, split_of_file(root.name))] if detect(root) else _nothing(root)
    saved = {path.parent: _saved(path) for path in _visible(root) if path.name == STATE}
    paths = [path for path in _visible(root) if _is_shard(path, saved.get(path.parent))]
    if not paths:
        return _nothing(root)
    _check_one_kind(root, paths)
    inside = [path.relative_to(root) for path in paths]
    folders = _folder_splits(root, inside)
    _check_one_configuration(root, inside, folders)
    files = split_names({path.stem for path in inside})
    return [
        Shard(
            path,
            _file_split(path, files)
            or next((folders[part] for part in reversed(short.parent.parts) if folders[part]), None)
            or (saved[path.parent].split if path.parent in saved else None),
        )
        for path, short in zip(paths, inside, strict=True)
    ]


def remarks_on(paths: Iterable[str]) -> Iterator[str]:
    """Say where names speak of more rows than there are: ``train-00000-of-00002`` alone."""
    paths = list(paths)
    folders = {part for path in paths for part in PurePosixPath(path).parent.parts}
    for name in sorted(folder for folder in folders if folder.startswith(PARTIAL)):
        yield f"'{name}' is the first part of a split, as the Hub converted it"
    shards: dict[tuple[str, int], set[int]] = defaultdict(set)
    for path in paths:
        if found := COUNTED.search(path):
            shards[path[: found.start()], int(found["total"])].add(int(found["number"]))
    for (name, total), numbers in sorted(shards.items()):
        if len(numbers) < total:
            yield f"'{name}' has {len(numbers)} of the {total} files that their names count"


def _suffix(path: Path) -> str:
    return path.suffix.lower()


def _visible(root: Path) -> Iterator[Path]:
    """Yield the files that are not the system's, sorted; Spark and Delta keep folders _aside."""
    for folder, inner, files in folders(root):
        inner[:] = sorted(name for name in inner if not (is_system(name) or name.startswith("_")))
        yield from (Path(folder, name) for name in sorted(files) if not is_system(name))


def _is_shard(path: Path, saved: Saved | None) -> bool:
    if _suffix(path) in PARQUET:
        return True
    is_data = path.name in saved.names if saved else not path.name.startswith(CACHE)
    return _suffix(path) in ARROW and is_data


def _check_one_kind(root: Path, paths: Sequence[Path]) -> None:
    if len({_suffix(path) in ARROW for path in paths}) > 1:
        raise InputError(
            f"{root} (dataset.path): holds Parquet and Arrow files, expected one kind, which holds "
            "every image once; set dataset.path to the folder of one, or move the others away"
        )


def _saved(path: Path) -> Saved:
    state = _json(path)
    if any(state.get(key) for key in ("_indices_files", "_indices_data_files")):
        raise InputError(
            f"{path}: was saved by an old version of `datasets` with a selection of its rows, "
            "expected all rows; load it there, save it again with flatten_indices()"
        )
    entries = state.get("_data_files")
    files = [e.get("filename") for e in entries or () if isinstance(e, dict)]
    names = [str(name) for name in files]
    missing = [name for name in names if not (path.parent / name).is_file()]
    if missing:
        raise InputError(
            f"{path}: lists '{missing[0]}', which is not there, expected {len(names)} data files; "
            "copy the whole folder again"
        )
    split = state.get("_split")
    return Saved(frozenset(names), split_name(split) if isinstance(split, str) else None)


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}), expected JSON as save_to_disk writes it; copy the "
            "folder again"
        ) from error
    return content if isinstance(content, dict) else {}


def _file_split(path: Path, together: Mapping[str, str | None]) -> str | None:
    """Return the split that a file's name announces; beside a test split, "eval" is val."""
    own = split_of_file(path.name)
    return VAL if own == TEST and together[path.stem] == VAL else own


def _folder_splits(root: Path, paths: Sequence[Path]) -> dict[str, str | None]:
    """Return the split that each folder stands for, as ``save_to_disk`` or its name says.

    Raises:
        InputError: the list of ``save_to_disk`` cannot be read.
    """
    path = root / DICTIONARY
    listed = _json(path).get("splits") if path.is_file() else None
    said = {str(name) for name in listed} if isinstance(listed, list) else set()
    names = {part: _bare(part) for path in paths for part in path.parent.parts}
    known = split_names(set(names.values()))
    return {
        part: split_name(bare) if part in said or part.startswith(SPLIT) else known[bare]
        for part, bare in names.items()
    }


def _bare(folder: str) -> str:
    """Return what says the split in ``partial-train``, ``split=train`` or ``train.parquet``."""
    name = PurePosixPath(folder.removeprefix(PARTIAL).removeprefix(SPLIT))
    return name.stem if name.suffix.lower() in PARQUET else name.name


def _check_one_configuration(
    root: Path, paths: Sequence[Path], splits: Mapping[str, str | None]
) -> None:
    """Refuse folders that say more than a split: rows of one would be mixed with the others'."""
    found = {
        tuple(part for part in path.parent.parts if part != DATA and not splits[part])
        for path in paths
    }
    partition = next((part for parts in found for part in parts if "=" in part), None)
    if partition is not None:
        raise InputError(
            f"{root} (dataset.path): is partitioned into folders such as '{partition}', expected "
            f"the column '{partition.partition('=')[0]}' within the files; write them without "
            "partitions"
        )
    if len(found) > 1:
        names = sorted("/".join(parts) or "." for parts in found)
        raise InputError(
            f"{root} (dataset.path): holds {len(names)} configurations, {some(names)}; expected "
            f"one; set dataset.path to one of them, such as '{root / names[-1]}', or move the "
            "others away"
        )


def _nothing(root: Path) -> NoReturn:
    raise InputError(
        f"{root} (dataset.path): no *.parquet file found here or below, nor *.arrow as "
        "save_to_disk writes it; set dataset.path to such a file or to the folder of the files"
    )
