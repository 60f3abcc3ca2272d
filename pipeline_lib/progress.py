"""How the library reports progress without printing: the caller passes a tracker in."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Track(Protocol):
    """Yield ``items`` unchanged while showing how far along they are."""

    def __call__(self, items: Iterable[T], *, label: str, total: int) -> Iterator[T]:
        """Yield every item; ``label`` says what is counted, ``total`` how many there are."""
        ...


def silent(items: Iterable[T], *, label: str, total: int) -> Iterator[T]:
    """Show nothing."""
    yield from items
