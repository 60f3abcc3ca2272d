"""The reader of the ``scenes`` data set: its labels are planned, its pictures drawn on demand."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.datasets.reader import Encoded, Item, Rejection, Vocabulary
from pipeline_lib.datasets.scenes.catalogue import FILE, Catalogue
from pipeline_lib.datasets.scenes.checks import read_catalogue
from pipeline_lib.datasets.scenes.paint import paint
from pipeline_lib.datasets.scenes.picture import Picture
from pipeline_lib.datasets.scenes.plan import SPLITS, plan
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.scenes import Scenes


@dataclass(frozen=True)
class ScenesReader:
    """Generated pictures: a pure function of the catalogue, the seed, the split and the index."""

    catalogue: Catalogue
    params: Scenes

    def vocabulary(self) -> Vocabulary:
        """Return the scenes and objects in the order of the catalogue."""
        scenes, objects = tuple(self.catalogue.scenes), tuple(self.catalogue.objects)
        return Vocabulary(scenes, objects, self.catalogue.unseen())

    def items(self) -> Iterator[Item | Rejection]:
        """Yield every picture; rows count through all splits."""
        row = 0
        for split, count in zip(SPLITS, self._counts(), strict=True):
            for index in range(count):
                yield self._item(split, index, row)
                row += 1

    def load(self, path: str, row: int | None) -> Encoded:
        """Draw one picture; ``path`` is always the catalogue.

        Raises:
            ValueError: there is no picture ``row``.
        """
        ends = list(accumulate(self._counts()))
        if row is None or not 0 <= row < ends[-1]:
            raise ValueError(f"{path}: row {row}, expected 0 to {ends[-1] - 1}")
        number = bisect_right(ends, row)
        index = row - (ends[number - 1] if number else 0)
        return paint(self.catalogue, self.picture(SPLITS[number], index), self.params.size)

    def sources(self) -> Iterable[str]:
        """Return the catalogue."""
        return (FILE,)

    def picture(self, split: str, index: int) -> Picture:
        """Return everything that is true of one picture."""
        return plan(
            self.catalogue,
            seed=self.params.seed,
            split=split,
            index=index,
            background_match=self.params.background_match,
            difficulty=self.params.difficulty,
        )

    def _counts(self) -> tuple[int, ...]:
        return self.params.train, self.params.val, self.params.test, self.params.test_shift

    def _item(self, split: str, index: int, row: int) -> Item:
        picture = self.picture(split, index)
        tags = {*picture.tags}
        return Item(
            key=f"{split}-{index:06d}",
            split=split,
            path=FILE,
            row=row,
            classes=(picture.scene,),
            tags=picture.tags,
            captions=(picture.caption,),
            boxes=tuple(placed.box for placed in picture.objects if placed.name in tags),
            all_tags=self._true_tags(picture) if split == TRAIN else None,
        )

    def _true_tags(self, picture: Picture) -> tuple[str, ...] | None:
        """Return the tags that a picture would have without faults; None where it has none."""
        if self.params.difficulty is None:
            return None
        names = dict.fromkeys(placed.name for placed in picture.objects)
        return tuple(name for name in names if name not in self.catalogue.unseen())


def open_reader(root: Path, params: Dataset) -> ScenesReader:
    """Open the catalogue in the folder ``root``.

    Raises:
        InputError: there is no catalogue, or something is wrong with it.
    """
    return ScenesReader(read_catalogue(root / FILE), params.scenes)
