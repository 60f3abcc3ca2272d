"""Keys that are read only beside some other value, so that no setting does nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline_lib.settings.markers import NONE


@dataclass(frozen=True)
class Only:
    """A key of a section that is read in some cases only.

    Where it is not read it stays at ``rest``, what the default preset holds, so that switching
    back needs no edit; any other value is refused: whoever set it would believe that it counts.
    """

    key: str  # dotted, from the section down
    rest: Any
    read: Callable[[Any], bool]  # of the section
    where: str  # the same in words: "optimizer is sgd"

    def fault(self, section: Any) -> str | None:
        """Say what is wrong with the key, if it is changed and not read."""
        value = value_at(section, self.key)
        if value == self.rest or self.read(section):
            return None
        rest = NONE if self.rest is None else repr(self.rest)
        return (
            f"{self.key} is {value!r}, expected {rest}: it is read only where {self.where}; "
            f"see to that, or set {self.key} to {rest}"
        )


def only(rests: dict[str, Any], key: str, *values: Any) -> tuple[Only, ...]:
    """Return the rule that the keys of ``rests`` are read only where ``key`` is one of ``values``.

    >>> only({"momentum": 0.9}, "optimizer", "sgd")[0].where
    'optimizer is sgd'
    """
    named = " or ".join(str(v).lower() if isinstance(v, bool) else str(v) for v in values)
    return only_if(rests, lambda section: value_at(section, key) in values, f"{key} is {named}")


def only_if(rests: dict[str, Any], read: Callable[[Any], bool], where: str) -> tuple[Only, ...]:
    """Return the rule that the keys of ``rests`` are read only where ``read(section)``."""
    return tuple(Only(key, rest, read, where) for key, rest in rests.items())


def value_at(section: Any, key: str) -> Any:
    """Return the value at a dotted key; None below a group that is off."""
    for name in key.split("."):
        section = None if section is None else getattr(section, name)
    return section


def rules_of(kind: type) -> list[Only]:
    """Return what a group of settings says of its keys, and those that it extends."""
    return [rule for one in reversed(kind.__mro__) for rule in vars(one).get("ONLY", ())]
