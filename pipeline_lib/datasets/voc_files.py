"""The files of a year of PASCAL VOC: lists, annotations and pictures, found by names of images."""

import os
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Self

from pipeline_lib.datasets.files import extensions, folders, is_system
from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.text_lists import read_lines

LISTS = "ImageSets/Main"
ANNOTATIONS = "Annotations"
PICTURES = "JPEGImages"
NAMES = ("trainval", "train", "val", "test")  # of the lists; those of one category have others
UNLISTED = ""  # instead of a name, where there are no lists
SIGN = re.compile(r"\s+(?:-1|0|1)$")  # after the name, whether an image shows a category


@dataclass(frozen=True)
class Year:
    """What lies in the folder of a year; names of images are paths without extension, in NFC."""

    folder: Path
    annotations: dict[str, str]  # file below the folder, by image
    pictures: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Look through the folder."""
        annotations = {
            image: files[0] for image, files in _found(folder, ANNOTATIONS, {".xml"}).items()
        }
        return cls(folder, annotations, _found(folder, PICTURES, extensions()))

    def lists(self) -> dict[str, tuple[str, ...]]:
        """Return the images of every list, without the lists whose annotations are not published.

        Without any list, as labelling programs leave it, "" stands for all that is annotated.

        Raises:
            InputError: a list is no text in UTF-8.
        """
        return {name: images for name, images in self._lists.items() if self._is_public(images)}

    def unpublished(self) -> list[str]:
        """Return the images of the other lists that are in none of these."""
        public = {image for images in self.lists().values() for image in images}
        secret = {image for images in self._lists.values() for image in images}
        return sorted(secret - public)

    def picture(self, image: str, said: str = "") -> str:
        """Return where the picture of an image lies below the folder, or should.

        Args:
            image: its name, which is that of the picture's file.
            said: what the annotation calls the file, which decides between several, or where no
                file has the name of the image.
        """
        files = self.pictures.get(image, ())
        name = PurePosixPath(said.replace("\\", "/")).name
        named, usual = f"{PICTURES}/{name}", f"{PICTURES}/{image}.jpg"
        if files:
            return next((path for path in (named, usual) if path in files), files[0])
        own = clean(_stem(name))  # not that of another image, whose file was copied
        lies = own not in self.annotations and named in self.pictures.get(own, ())
        return named if lies else usual

    @cached_property
    def _lists(self) -> dict[str, tuple[str, ...]]:
        files = {name: self.folder / LISTS / f"{name}.txt" for name in NAMES}
        lists = {name: self._images(path) for name, path in files.items() if path.is_file()}
        return lists or {UNLISTED: tuple(sorted(self.annotations))}

    def _is_public(self, images: tuple[str, ...]) -> bool:
        return any(image in self.annotations for image in images)

    def _images(self, path: Path) -> tuple[str, ...]:
        lines = [clean(line) for line in read_lines(path)]
        signed = all(SIGN.search(line) for line in lines)
        return tuple(dict.fromkeys(self._image(line, signed=signed) for line in lines))

    def _image(self, line: str, *, signed: bool) -> str:
        """Return the image of a line: "IMG 1" may be a name, or a name and a sign."""
        bare = SIGN.sub("", line)
        forms = (line, bare, _stem(line))
        for known in (self.annotations, self.pictures):
            for form in forms:
                if form in known:
                    return form
        return bare if signed else line


def is_year(folder: Path) -> bool:
    """Tell whether a folder holds a list, or else annotations beside pictures."""
    if any(has_list(folder, name) for name in NAMES):
        return True
    return all((folder / inner).is_dir() for inner in (ANNOTATIONS, PICTURES))


def has_list(folder: Path, name: str) -> bool:
    """Tell whether a year has a list."""
    return (folder / LISTS / f"{name}.txt").is_file()


def _found(folder: Path, inner: str, wanted: AbstractSet[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    top = folder / inner
    for place, inside, files in folders(top):
        inside[:] = sorted(name for name in inside if not is_system(name))
        for name in sorted(files):
            stem, extension = os.path.splitext(name)
            if extension.lower() in wanted and not is_system(name):
                below = Path(place).relative_to(top)
                image = clean((below / stem).as_posix())
                path = (Path(inner) / below / name).as_posix()
                found[image] = (*found.get(image, ()), path)
    return found


def _stem(name: str) -> str:
    stem, extension = os.path.splitext(name)
    return stem if extension.lower() in {*extensions(), ".xml"} else name
