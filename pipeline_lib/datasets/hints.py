"""Layouts that are known and not read, each with what makes it one that is."""

from collections.abc import Iterator
from pathlib import Path

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
    return of_images(root) or next(_by_ending(list(_names(root))), None)


def of_images(root: Path) -> str | None:
    """Say the same of layouts that hold image files, but not in class folders."""
    return _detection(root) or _fiftyone(root)


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
        found = next((name for name in names if name.lower().endswith(endings)), None)
        if found:
            yield f"'{found}' looks like {what}"
    packed = next((name for name in names if name.lower().endswith(PACKED)), None)
    if packed:
        yield f"'{packed}' is packed; unpack it, and set dataset.path to the folder that comes out"


def _names(root: Path) -> Iterator[str]:
    """Yield the names of files in ``root`` and one folder below, sorted, some thousand at most."""
    for count, path in enumerate(sorted(root.glob("*")) + sorted(root.glob("*/*"))):
        if count >= FILES:
            return
        if path.is_file():
            yield path.relative_to(root).as_posix()
