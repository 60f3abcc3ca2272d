"""The arrays of a tensor file, declared by name, type and dimensions as tables declare columns.

A name may hold placeholders ("{seed}/{split}/logits"): each stands for a text without a slash, one
at the end for any text. So may the name of a dimension ("images of {split}"). A dimension has one
length in all arrays of a file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

MORE = "..."  # the last dimension of a declaration: there may be any more


class Found(NamedTuple):
    """The type and the shape of an array in a file."""

    dtype: str  # as numpy calls it
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype} {self.shape}"


@dataclass(frozen=True)
class Array:
    """An array that files of a kind hold, or many by a pattern."""

    name: str
    dtype: str  # as numpy calls it; "" for any
    dims: tuple[str | int, ...]  # names, or fixed lengths
    holds: str = ""  # in words
    optional: bool = False  # by a pattern there may always be none

    def __str__(self) -> str:
        dims = ", ".join(str(dim) for dim in self.dims)
        return f"{self.dtype or 'any type'} ({dims}{',' if len(self.dims) == 1 else ''})"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What its names look like."""
        found = re.sub(r"\\{(\w+)\\}$", r"(?P<\1>.+)", re.escape(self.name))
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", found))

    @property
    def required(self) -> bool:
        """Whether every file holds it."""
        return not self.optional and "{" not in self.name

    def fits(self, found: Found) -> bool:
        """Say whether type, number of dimensions and fixed lengths are as declared."""
        named = [dim for dim in self.dims if dim != MORE]
        shape = found.shape[: len(named)] if MORE in self.dims else found.shape
        return (
            self.dtype in ("", found.dtype)
            and len(shape) == len(named)
            and all(isinstance(d, str) or d == n for d, n in zip(named, shape, strict=True))
        )

    def lengths(self, name: str, found: Found) -> Iterator[tuple[str, int]]:
        """Yield the named dimensions of an array with their lengths."""
        match = self.pattern.fullmatch(name)
        parts = match.groupdict() if match else {}
        for dim, length in zip(self.dims, found.shape, strict=False):
            if isinstance(dim, str) and dim != MORE:
                yield dim.format(**parts), length


FREE = (Array("{name}", "", (MORE,)),)  # any arrays


def declared_for(declared: Sequence[Array], name: str) -> Array | None:
    """Return the first declaration that a name fits."""
    return next((one for one in declared if one.pattern.fullmatch(name)), None)


def fault_of(declared: Sequence[Array], arrays: Mapping[str, Found]) -> str:
    """Return what is wrong with the arrays of a file; nothing where they are as declared."""
    lengths: dict[str, tuple[int, str]] = {}
    for name, found in arrays.items():
        array = declared_for(declared, name)
        if array is None:
            return f"unexpected array '{name}', expected {_names(declared)}"
        if not array.fits(found):
            return f"array '{name}' is {found}, expected {array}"
        for dim, length in array.lengths(name, found):
            before, other = lengths.setdefault(dim, (length, name))
            if before != length:
                return f"array '{name}' has {length} {dim}, expected {before} as '{other}' has"
    missing = [one for one in declared if one.required and one.name not in arrays]
    return f"no array '{missing[0].name}', expected {missing[0]}" if missing else ""


def _names(declared: Iterable[Array]) -> str:
    return ", ".join(array.name for array in declared)
