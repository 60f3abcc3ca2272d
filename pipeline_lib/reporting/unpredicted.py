"""Labels of a data set that no run predicts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pipeline_lib.artifacts.labelled import CategoryTable
from pipeline_lib.targets import TARGETS, Target

FIRST: dict[Target, str] = {"classes": "base_maps", "tags": "base_tags"}
"""A run of the default preset for each target: a linear classifier of feature maps."""


@dataclass(frozen=True)
class Unpredicted:
    """The classes or the tags, and how a run of them is added."""

    target: Target
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


def unpredicted(table: CategoryTable, targets: Collection[str]) -> Iterator[Unpredicted]:
    """Yield what is labelled and not among the ``targets`` of the enabled runs, if there are any.

    Args:
        table: the categories.
        targets: "classes", "tags" or both.
    """
    for target in TARGETS:
        count = len(table.names(target))
        if count and targets and target not in targets:
            yield Unpredicted(target, count)
