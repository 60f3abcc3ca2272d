"""What is not wrong with a data set, but somebody should look at."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from pipeline_lib.datasets.balance import untagged_splits
from pipeline_lib.datasets.duplicates import Group
from pipeline_lib.datasets.names import twins
from pipeline_lib.datasets.reader import Reader, Rejection, Tabular, Vocabulary
from pipeline_lib.datasets.sample_tables import Sample

SHOWN = 3  # groups of names in a line
COLUMNS = 9  # in a line


@dataclass(frozen=True)
class Remarks:
    """Counts of what was found."""

    parts_left_out: int  # boxes and the like of items that are used; rejected.parquet has them
    equal_across_splits: int  # pictures that something learns from and that are tested on
    equal_with_other_labels: int
    names_alike: tuple[tuple[str, ...], ...]
    unread_columns: tuple[str, ...]
    of_reader: tuple[str, ...]
    untagged_splits: tuple[str, ...]
    idle_settings: tuple[str, ...] = ()  # keys of `dataset` that the layout does not read

    @classmethod
    def of(
        cls,
        rejections: Iterable[Rejection],
        equal: Sequence[Group],
        vocabulary: Vocabulary,
        reader: Reader,
        samples: Sequence[Sample],
    ) -> Self:
        """Look at all that was read and decoded."""
        return cls(
            parts_left_out=sum(not rejection.lost for rejection in rejections),
            equal_across_splits=sum(group.across for group in equal),
            equal_with_other_labels=sum(group.differ for group in equal),
            of_reader=vocabulary.remarks,
            untagged_splits=untagged_splits(samples, vocabulary),
            names_alike=(*twins(vocabulary.classes), *twins(vocabulary.tags)),
            unread_columns=tuple(reader.unread_columns()) if isinstance(reader, Tabular) else (),
        )

    def lines(self) -> Iterator[str]:
        """Yield a sentence for each thing that was found."""
        yield from self.of_reader
        if self.idle_settings:
            keys = ", ".join(f"dataset.{key}" for key in self.idle_settings)
            yield f"{keys}: set, and not read in this layout, which dataset.format: auto found"
        yield from (
            f"no image of split '{split}' carries a tag: nothing can be measured of tags there"
            for split in self.untagged_splits
        )
        if self.parts_left_out:
            yield f"{self.parts_left_out} items lost a part, as a box (rejected.parquet)"
        if self.equal_across_splits:
            yield (
                f"{self.equal_across_splits} pictures lie in train or val and in a test split with "
                "equal pixels (duplicates.parquet)"
            )
        if self.equal_with_other_labels:
            yield (
                f"{self.equal_with_other_labels} pictures are there with different labels "
                "(duplicates.parquet)"
            )
        if self.names_alike:
            alike = (
                " / ".join(f"'{name}'" for name in group) for group in self.names_alike[:SHOWN]
            )
            more = len(self.names_alike) - SHOWN
            yield f"names that look alike: {', '.join(alike)}{f' and {more} more' * (more > 0)}"
        if self.unread_columns:
            names, others = self.unread_columns[:COLUMNS], len(self.unread_columns) - COLUMNS
            yield (
                f"columns that are not read: {', '.join(names)}"
                f"{f' and {others} more' * (others > 0)} (dataset.columns)"
            )

    def document(self) -> dict[str, Any]:
        """Return the counts for a JSON file."""
        return asdict(self)
