"""Labels of a data set that no run predicts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl

from pipeline_lib.artifacts.labels import KINDS

FIRST = {"classes": "base_maps", "tags": "base_tags"}
"""A run of the default preset for each target: a linear classifier of feature maps."""


@dataclass(frozen=True)
class Unpredicted:
    """The classes or the tags, and how a run of them is added."""

    target: str
    count: int

    @property
    def command(self) -> str:
        """What adds a run."""
        return f"protoweave methods --enable {FIRST[self.target]}"

    @property
    def text(self) -> str:
        """One sentence."""
        return (
            f"{self.count} {self.target} of the data set are predicted by no run; "
            f"`{self.command}` adds one"
        )


def unpredicted(categories: pl.DataFrame, targets: Collection[str]) -> Iterator[Unpredicted]:
    """Yield what is labelled and not among the ``targets`` of the enabled runs, if there are any.

    Args:
        categories: the table of categories.
        targets: "classes", "tags" or both.
    """
    for target, kind in KINDS.items():
        count = len(categories.filter(kind=kind))
        if count and targets and target not in targets:
            yield Unpredicted(target, count)
