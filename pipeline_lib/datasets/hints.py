"""Layouts that are known and not read, each with what makes it one that is."""

import re
from collections.abc import Iterator
from pathlib import Path

TABLES = (".csv", ".tsv", ".jsonl", ".json", ".xlsx", ".txt")
SHARD = re.compile(r"-\d{5}-of-\d{5}$")  # at the end of a file's name, as TFDS writes it
FILES = 2_000  # names that are looked at: hints are for people, and folders may be huge
PACKED = (".zip", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z", ".rar")
# How the files of a layout end, and what to do with them.
ENDINGS = (
    ((".tfrecord", ".tfrecords"), "TFRecords; write them as Parquet (`datasets` does) or as files"),
    (("data.mdb",), "an LMDB; write its images as files in class folders"),
    ((".h5", ".hdf5"), "HDF5; write its images as files in class folders, or as Parquet"),
    ((".mat",), "MATLAB; write its labels as labels.csv beside the image files"),
    ((".rec", ".idx"), "MXNet's RecordIO; write its images as files in class folders"),
    (("-ubyte", "-ubyte.gz"), "MNIST's IDX; take it as Parquet, or write its images as files"),
)


def hint(root: Path) -> str | None:
    """Say what lies in ``root`` if it is a layout that is known and not read, and the way out."""
    if not root.is_dir():
        return None
    names = list(names_in(root))
    return of_images(root) or next(_by_ending(names), None) or of_tables(names)


def of_images(root: Path) -> str | None:
    """Say the same of layouts that hold image files, but not in class folders."""
    return _detection(root) or _fiftyone(root)


def of_tables(names: list[str]) -> str | None:
    """Say which file may hold the labels, if one does."""
    tables = sorted((name for name in names if name.lower().endswith(TABLES)), key=_rank)
    if not tables:
        return None
    return (
        f"'{tables[0]}' may say what the images are; call it labels.csv, with the columns path, "
        "split and label, separated by commas (docs/datasets.md)"
    )


def _rank(name: str) -> tuple[int, int, str]:
    """Put tables before lists, and those of the folder itself before others."""
    return name.count("/"), TABLES.index(name[name.rindex(".") :].lower()), name


def _detection(root: Path) -> str | None:
    """Tell YOLO's folders of images and of labels: images/train beside labels/train, or inside."""
    pairs = [root / "images", *root.glob("*/images")]
    if any(path.is_dir() and any((path.parent / "labels").rglob("*.txt")) for path in pairs):
        return (
            "images and labels/*.txt look like YOLO's, without the names of their classes; put "
            "data.yaml beside them, with 'names: [cat, dog]' in it"
        )
    return None


def _fiftyone(root: Path) -> str | None:
    lists = (root / name for name in ("samples.json", "labels.json"))
    if (root / "data").is_dir() and any(path.is_file() for path in lists):
        return (
            "samples.json or labels.json look like an export of FiftyOne; export again as "
            "fiftyone.types.COCODetectionDataset for objects, or ImageClassificationDirectoryTree "
            "for classes"
        )
    return None


def _by_ending(names: list[str]) -> Iterator[str]:
    tars = [name for name in names if name.endswith(".tar")]
    if tars:
        yield (
            f"'{tars[0]}' may be a shard of WebDataset, or packed; unpack the tar files into a "
            "folder each split, and write labels.csv with the paths and their labels"
        )
    for endings, what in ENDINGS:
        found = next((n for n in names if SHARD.sub("", n.lower()).endswith(endings)), None)
        if found:
            yield f"'{found}' looks like {what}"
    packed = next((name for name in names if name.lower().endswith(PACKED)), None)
    if packed:
        yield f"'{packed}' is packed; unpack it, and set dataset.path to the folder that comes out"


def names_in(root: Path) -> Iterator[str]:
    """Yield the names of files in ``root`` and one folder below, sorted, some thousand at most."""
    for count, path in enumerate(sorted(root.glob("*")) + sorted(root.glob("*/*"))):
        if count >= FILES:
            return
        if path.is_file():
            yield path.relative_to(root).as_posix()
