"""What pydantic found wrong with a section, in the words of whoever wrote it."""

from dataclasses import fields
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pipeline_lib.params.nearest import nearest
from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import ByName, OrNone, group_of, name_of

GROUPS = ("dataclass_type", "model_type")  # expected, and not found
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def explained(kind: Any, error: ErrorDetails) -> str:
    """Say where a fault is below a section of a kind, what was found and what was expected."""
    *above, last = error["loc"] or ("",)
    where, at = placed(kind, error["loc"])
    if error["type"] in UNKNOWN:
        _, holder = placed(kind, tuple(above))
        return f"{where} is not a known key{nearest(str(last), fields_of(holder))}"
    if error["type"] == "missing":
        return f"{where} is missing; `protoweave use PRESET` writes a complete file"
    if names := names_at(at):
        return _unnamed(where, error["input"], names)
    found = "" if isinstance(error["input"], dict) else f" is {error['input']!r}"
    expected = error["msg"].removeprefix("Value error, ")
    if error["type"] in GROUPS and last == "on":
        expected += ", or none"
    return f"{where}{found}: {expected[0].lower()}{expected[1:]}"


def placed(kind: Any, location: tuple[int | str, ...]) -> tuple[str, Any]:
    """Return a place as it is written in YAML, and its annotation (None where nothing is known).

    Pydantic's own words for an alternative are no part of it.
    """
    where, at = "", kind
    for part in location:
        if (options := alternatives(at)) is not None:
            at = options.get(part)
        elif isinstance(part, int):
            where, at = f"{where}[{part}]", next(iter(get_args(_bare(at))), None)
        else:
            where, at = f"{where}.{part}", fields_of(at).get(str(part))
    return where, at


def fields_of(kind: Any) -> dict[str, Any]:
    """Return the annotations of the fields of a section or group; {} of anything else."""
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        names = list(kind.model_fields)
    elif isinstance(kind, type) and issubclass(kind, Group):
        names = [field.name for field in fields(kind)]
    else:
        return {}
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in names}


def alternatives(hint: Any) -> dict[Any, Any] | None:
    """Return the kinds that may stand at a place, by pydantic's words for them; None if one may."""
    for marker in getattr(hint, "__metadata__", ()):
        if _chooses_by_name(marker):
            return {name_of(kind): kind for kind in get_args(_bare(hint))}
        if isinstance(marker, OrNone):
            return {"on": group_of(_bare(hint)), "none": None}
    return {} if get_origin(_bare(hint)) in (Union, UnionType) else None


def names_at(hint: Any) -> list[str]:
    """Return the names of which a place takes one."""
    named = any(map(_chooses_by_name, getattr(hint, "__metadata__", ())))
    return list(alternatives(hint) or {}) if named else []


def _chooses_by_name(marker: Any) -> bool:
    """Say whether a marker is `ByName`, or pydantic's own of a union of sections."""
    return isinstance(marker, ByName) or getattr(marker, "discriminator", None) == "name"


def _unnamed(where: str, found: Any, names: list[str]) -> str:
    known = ", ".join(names)
    if not isinstance(found, dict):
        return f"{where} is {found!r}: expected a mapping whose name is one of {known}"
    if "name" not in found:
        return f"{where}.name is missing; expected one of {known}"
    return f"{where}.name is {found['name']!r}, which is not known{nearest(found['name'], names)}"


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint
