"""NUS-WIDE in the layout of its authors (Chua et al., CIVR 2009): lists of images, rows of 0 and 1.

Three vocabularies (``dataset.nuswide.vocabulary``):

concepts_81          what people judged, 81 concepts
tags_1000            what users wrote, the 1,000 most frequent tags
seen_925_unseen_81   the zero-shot protocol of LESA (Huynh and Elhamifar, CVPR 2020): the 925 tags
                     that are no concept are seen, by what users wrote; the concepts are unseen, by
                     what people judged. An image without a seen tag teaches nothing of them and is
                     left out of the training images; every test image counts.

A photo that two folders hold (six ids) is two images, as in every published count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib.artifacts.samples import TEST, TRAIN
from pipeline_lib.datasets.files import is_system
from pipeline_lib.datasets.label_rows import LabelRows
from pipeline_lib.datasets.nuswide_files import CONCEPTS, LISTS, TAGS, Files
from pipeline_lib.datasets.reader import Item, LeftOut, Rejection, Vocabulary, WholeFiles
from pipeline_lib.datasets.text_lists import read_names
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

TEXTS = (".txt", ".dat")  # of the lists and the labels
SPLITS = {"Train": TRAIN, "Test": TEST, "": None}


@dataclass(frozen=True)
class Column:
    """One source of labels, and what its columns are called; None of what does not count."""

    source: str  # "concepts" or "tags"
    names: tuple[str | None, ...]
    tested: bool  # whether it says nothing of training images


@dataclass(frozen=True)
class NusWideReader(WholeFiles):
    """The listed images."""

    files: Files
    columns: tuple[Column, ...]
    names: Vocabulary

    def vocabulary(self) -> Vocabulary:
        """Return the tags in the order of their lists, the seen ones first."""
        return self.names

    def items(self) -> Iterator[Item | Rejection | LeftOut]:
        """Yield the images of each list."""
        for part in self.files.parts():
            split = SPLITS[part.name]
            rows = [
                (column.names, self.files.labels(part, column.source, len(column.names)))
                for column in self.columns
                if not (column.tested and split == TRAIN)
            ]
            for row, image in enumerate(part.images):
                item = _item(self.files, image, split, tuple(_names(row, rows)))
                teaches = split != TRAIN or not self.names.unseen
                if teaches or isinstance(item, Rejection) or item.tags:
                    yield item
                else:
                    yield LeftOut(item.key, "no seen tag", item.path)

    def file(self, path: str) -> Path:
        """Return where an item's path leads."""
        return self.files.root / path

    def sources(self) -> Iterable[str]:
        """Return the lists and the labels."""
        folders = ("ConceptsList", "ImageList", "Groundtruth", "NUS_WID_Tags")
        for folder in folders:
            paths = sorted((self.files.root / folder).rglob("*"))
            yield from (
                path.relative_to(self.files.root).as_posix()
                for path in paths
                if path.suffix.lower() in TEXTS and not is_system(path.name) and path.is_file()
            )


def detect(root: Path) -> bool:
    """Tell whether there is a list of the concepts and one of images."""
    return (root / CONCEPTS).is_file() and any((root / name).is_file() for name in LISTS.values())


def open_reader(root: Path, params: Dataset) -> NusWideReader:
    """Open the folder that holds ``ImageList``, ``ConceptsList``, ``Groundtruth`` and the rest.

    Raises:
        InputError: a list is missing, or for the zero-shot protocol the split.
    """
    if not detect(root):
        raise InputError(
            f"{root} (dataset.path): expected {CONCEPTS} and {LISTS['Train']} and "
            f"{LISTS['Test']}, or {LISTS['']}; set dataset.path to the folder of NUS-WIDE that "
            "holds 'ConceptsList' and 'ImageList'"
        )
    files, wanted = Files(root), params.nuswide.vocabulary
    concepts = read_names(root / CONCEPTS)
    if wanted == "concepts_81":
        column = Column("concepts", concepts, tested=False)
        return NusWideReader(files, (column,), Vocabulary((), concepts))
    tags = read_names(root / TAGS)
    if wanted == "tags_1000":
        return NusWideReader(files, (Column("tags", tags, tested=False),), Vocabulary((), tags))
    if [part.name for part in files.parts()] == [""]:
        raise InputError(
            f"{root} (dataset.path): found {LISTS['']} alone, expected {LISTS['Train']} and "
            f"{LISTS['Test']}, which the zero-shot protocol is defined on; add them, or set "
            "dataset.nuswide.vocabulary to concepts_81 and split with dataset.unseen"
        )
    seen = tuple(None if name in concepts else name for name in tags)
    names = (*(name for name in seen if name), *concepts)
    columns = (Column("tags", seen, tested=False), Column("concepts", concepts, tested=True))
    return NusWideReader(files, columns, Vocabulary((), names, frozenset(concepts)))


def _names(row: int, sources: list[tuple[tuple[str | None, ...], LabelRows]]) -> Iterator[str]:
    for names, labels in sources:
        yield from (name for label in labels[row] if (name := names[label]))


def _item(files: Files, image: str, split: str | None, tags: tuple[str, ...]) -> Item | Rejection:
    path = files.place(image)
    if path is None:
        return Rejection(image, "path outside the data set", image, split)
    return Item(key=image, split=split, path=path, tags=tags)
