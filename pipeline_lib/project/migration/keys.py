"""A mapping of params.yaml whose keys move, and what is said of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap

UNREAD = "nothing read it"


@dataclass(frozen=True)
class Keys:
    """A mapping, its place in the file, and the notes of the whole file."""

    where: str
    values: Any  # a CommentedMap, so that comments of what stays are kept
    notes: list[str]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def inside(self, key: str) -> "Keys":
        """Return a mapping below."""
        return Keys(f"{self.where}.{key}", self.values[key], self.notes)

    def take(self, keys: Iterable[str], to: str, names: dict[str, str] | None = None) -> Any:
        """Remove keys, and return them as a mapping of their new names; ``to`` is its place."""
        taken = CommentedMap()
        for key in keys:
            if key in self.values:
                name = (names or {}).get(key, key)
                taken[name] = self.values.pop(key)
                self.notes.append(f"{self.where}.{key}: moved to {to}.{name}")
        return taken

    def drop(self, *keys: str, why: str = UNREAD) -> None:
        """Remove keys whose values count for nothing."""
        for key in keys:
            if key in self.values:
                value = self.values.pop(key)
                self.notes.append(f"{self.where}.{key}: {value!r} is dropped, since {why}")

    def put(self, key: str, value: Any, *, place: int | None = None) -> None:
        """Write a key, in the place of the old one or at an index."""
        if key in self.values or place is None:
            self.values[key] = value
        else:
            self.values.insert(place, key, value)

    def place_of(self, *keys: str) -> int:
        """Return the index of the first of some keys."""
        return min((list(self.values).index(key) for key in keys if key in self.values), default=0)


def group(name: str | None, *parts: Any) -> Any:
    """Return a mapping to be written in one line, its name first."""
    found = CommentedMap({"name": name} if name is not None else {})
    for part in parts:
        found.update(part)
    found.fa.set_flow_style()
    return found
