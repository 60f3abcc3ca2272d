"""Open Images in the layout of its authors (Kuznetsova et al., IJCV 2020): image-level labels.

The seen tags are the trainable labels, 7,186 in version 4; the unseen ones the 400 of LESA (Huynh
and Elhamifar, CVPR 2020), which are read for test images only. A row of confidence 0 says that a
person looked and the label is absent: such a pair is not carried, whatever another row says. A
generated label counts from ``dataset.openimages.confidence`` on. Images for training or validation
without a seen tag are left out; test images count in any case.

Deviation: LESA and its successors rank, for the AP of a label, only the images on which a person
verified that label. Here every image counts for every label, as on other data sets, so that the
published mAP is higher than one measured here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.datasets.openimages_files import (
    FOLDERS,
    annotated,
    annotations,
    find,
    listed_images,
    needed,
)
from pipeline_lib.datasets.openimages_labels import (
    DESCRIPTIONS,
    NUMBERED,
    TRAINABLE,
    UNSEEN,
    read_labels,
)
from pipeline_lib.datasets.openimages_rows import read_rows
from pipeline_lib.datasets.places import Pictures
from pipeline_lib.datasets.reader import Item, LeftOut, Rejection, Vocabulary, WholeFiles
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.dataset import OpenImages as Section

SOURCES = {"human": ("human",), "machine": ("machine",), "both": ("human", "machine")}


@dataclass(frozen=True)
class OpenImagesReader(WholeFiles):
    """The images that the annotation files label."""

    root: Path
    section: Section
    numbers: dict[str, int]  # by machine name (/m/0bt9lr), of the vocabulary
    names: Vocabulary

    def vocabulary(self) -> Vocabulary:
        """Return the descriptions of the labels, the trainable ones first, as listed."""
        return self.names

    def items(self) -> Iterator[Item | Rejection | LeftOut]:
        """Yield the images of each split, sorted by id."""
        tags = self.names.tags
        seen = {name: n for name, n in self.numbers.items() if tags[n] not in self.names.unseen}
        for split, folder in FOLDERS.items():
            files = _annotations(self.root, folder, self.section)
            if not files:
                continue
            rows = read_rows(
                files,
                self.numbers if split == TEST else seen,
                confidence=self.section.confidence,
                listed=listed_images(self.root, folder) if split == TEST else None,
            )
            pictures = Pictures(self.root, folder)
            for image, labels in rows.images():
                key, path = f"{folder}/{image}", pictures.path(image)
                if labels or split == TEST:
                    yield Item(key, split, path, tags=tuple(tags[label] for label in labels))
                else:
                    yield LeftOut(key, "no seen tag", path)

    def sources(self) -> Iterable[str]:
        """Return the lists and the labels."""
        lists = (DESCRIPTIONS, TRAINABLE, UNSEEN, *NUMBERED)
        found = [path for name in lists if (path := find(self.root, name)) is not None]
        for folder in FOLDERS.values():
            found += _annotations(self.root, folder, self.section)
        listed = listed_images(self.root, FOLDERS[TEST])
        found += [listed] if listed is not None else []
        return tuple(path.relative_to(self.root).as_posix() for path in found)


def detect(root: Path) -> bool:
    """Tell whether there is an annotation file of image-level labels."""
    both = Section(labels="both", confidence=1.0, unseen="none")
    return any(_annotations(root, folder, both) for folder in FOLDERS.values())


def open_reader(root: Path, params: Dataset) -> OpenImagesReader:
    """Open the folder that holds the lists of labels, the annotations and the images.

    Raises:
        InputError: a list or the annotations of a split are missing, or the lists contradict each
            other.
    """
    section = params.openimages
    found = [folder for folder in FOLDERS.values() if _annotations(root, folder, section)]
    if not found:
        raise InputError(
            f"{root} (dataset.path): no {annotated('train', SOURCES[section.labels][0])} found, "
            "here, below train, annotations or 2018_04; put the files of image-level labels there, "
            f"or change dataset.openimages.labels ('{section.labels}')"
        )
    labels = read_labels(
        needed(root, DESCRIPTIONS), needed(root, TRAINABLE), unseen=section.unseen == "top_400"
    )
    numbers = {name: number for number, name in enumerate(labels.machine)}
    names = Vocabulary((), labels.names, frozenset(labels.names[labels.seen :]))
    return OpenImagesReader(root, section, numbers, names)


def _annotations(root: Path, folder: str, section: Section) -> list[Path]:
    return annotations(root, folder, SOURCES[section.labels])
