"""Flickr8k and Flickr30k (Hodosh et al. 2013; Young et al. 2014): photographs, five captions each.

As their authors publish them, as Kaggle does, or with the splits of Karpathy and Fei-Fei (2015).
An image that is in no list of a split, where there are some, belongs to none and is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib.datasets.captions import captions_of
from pipeline_lib.datasets.flickr_files import KINDS, Found, find, folders_of_images, read
from pipeline_lib.datasets.places import leads_out, lying
from pipeline_lib.datasets.reader import Item, LeftOut, Rejection, Vocabulary, WholeFiles
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset


@dataclass(frozen=True)
class FlickrReader(WholeFiles):
    """The images that the file of captions or a list of a split names."""

    root: Path
    found: Found
    places: tuple[str, ...]  # folders below the root that pictures may lie in

    def vocabulary(self) -> Vocabulary:
        """Return no names: nobody labelled these pictures."""
        return Vocabulary(())

    def items(self) -> Iterator[Item | Rejection | LeftOut]:
        """Yield lines that make no sense, then the images in the order in which they are named.

        Raises:
            InputError: a file of captions or of a split is damaged.
        """
        texts, splits = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for said in read(self.root, self.found):
            if isinstance(said, Rejection):
                yield said
                continue
            texts[said.image].extend(said.captions)
            if said.split is not None and said.split not in splits[said.image]:
                splits[said.image].append(said.split)
        listed = any(splits.values())
        for name, captions in texts.items():
            yield self._item(name, captions, splits[name], listed=listed)

    def sources(self) -> Iterable[str]:
        """Return the file of captions and the lists of splits."""
        return (self.found.captions, *self.found.lists)

    def _item(
        self, name: str, captions: list[str], splits: list[str], *, listed: bool
    ) -> Item | Rejection | LeftOut:
        if leads_out(name):
            return Rejection(name, "path outside the data set", self.found.captions)
        path = lying(self.root, self.places, name)
        if listed and not splits:
            return LeftOut(name, "in no list of a split", path or name)
        if len(splits) > 1:
            return Rejection(name, "in two splits", " and ".join(splits), path=path)
        split = splits[0] if splits else None
        if path is None:
            where = ", ".join(self.places)
            return Rejection(name, "missing file", f"looked for in {where}", split)
        return Item(name, split, path, captions=captions_of(captions))


def detect(root: Path) -> bool:
    """Tell whether there is a file of captions."""
    return find(root) is not None


def open_reader(root: Path, params: Dataset) -> FlickrReader:
    """Open the folder that holds the captions and the folder of images.

    Raises:
        InputError: there is no file of captions.
    """
    found = find(root)
    if found is None:
        raise InputError(
            f"{root} (dataset.path): no captions found, expected {', '.join(KINDS)} there or "
            "one folder below; set dataset.path to the folder that holds one and the pictures"
        )
    return FlickrReader(root, found, folders_of_images(root))
