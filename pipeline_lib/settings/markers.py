"""What `Annotated` says of a setting beside its type: bounds, and which alternative is meant.

Pydantic finds it by ``__get_pydantic_core_schema__``, whose schemas are plain dictionaries, so
that nothing here imports it.
"""

import operator
from dataclasses import dataclass, fields
from typing import Any, get_args

NONE = "none"  # what params.yaml says where a group of settings is switched off


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Limits of a number."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None

    def fault(self, value: Any) -> str | None:
        """Say which limit a number keeps to and does not."""
        limits = (
            (self.ge, "greater than or equal to", operator.ge),
            (self.gt, "greater than", operator.gt),
            (self.le, "less than or equal to", operator.le),
            (self.lt, "less than", operator.lt),
        )
        for limit, words, keeps in limits:
            if limit is not None and not keeps(value, limit):
                return f"should be {words} {limit:g}"
        return None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        limits = {f.name: getattr(self, f.name) for f in fields(self)}
        return handler(source) | {key: limit for key, limit in limits.items() if limit is not None}


@dataclass(frozen=True)
class NotEmpty:
    """A list with an item at least."""

    def fault(self, value: Any) -> str | None:
        """Say that a list is empty."""
        return None if value else "should have at least 1 item"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return handler(source) | {"min_length": 1}


@dataclass(frozen=True)
class ByName:
    """Of several groups, the one whose ``name`` is given."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        kinds = {name_of(kind): kind for kind in get_args(source)}
        return {
            "type": "tagged-union",
            "discriminator": "name",
            "choices": {name: handler.generate_schema(kind) for name, kind in kinds.items()},
        }


@dataclass(frozen=True)
class OrNone:
    """A group of settings, or None, which params.yaml and what is dumped of it spell `none`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        kind = handler.generate_schema(group_of(source))
        off = {"type": "function-plain", "function": {"type": "no-info", "function": _nothing}}
        return {
            "type": "tagged-union",
            "discriminator": lambda value: (
                NONE if isinstance(value, str) and value == NONE else "on"
            ),
            "choices": {NONE: off, "on": kind},
            "serialization": {"type": "function-wrap", "function": _dumped, "schema": kind},
        }


def name_of(kind: type) -> str:
    """Return the ``name`` that tells a group from its alternatives."""
    (name,) = get_args(kind.__annotations__["name"])
    return str(name)


def group_of(optional: Any) -> Any:
    """Return X of ``X | None``."""
    (kind,) = (one for one in get_args(optional) if one is not type(None))
    return kind


def _dumped(value: Any, dump: Any) -> Any:
    return NONE if value is None else dump(value)


def _nothing(_: Any) -> None:
    """Stand for `none`."""
