"""Sections of tests, whose small numbers stand for parts that a test may switch off."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, TypeVar

from pipeline_lib.params.section import Section, rules_of

S = TypeVar("S", bound=Section)


def settled(kind: type[S], values: Mapping[str, Any]) -> S:
    """Build a section; what nothing reads among these values goes back to where it rests."""
    return kind.model_validate(at_rest(kind, values))


def at_rest(
    kind: type[Section], values: Mapping[str, Any], keep: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the values with unread ones at rest, but for the dotted keys to ``keep``."""
    once = _at_rest(kind, values, keep)
    return once if once == values else at_rest(kind, once, keep)  # one may switch another off


def _at_rest(kind: type[Section], values: Mapping[str, Any], keep: Iterable[str]) -> dict[str, Any]:
    out = {}
    for name, value in values.items():
        field = kind.model_fields.get(name)
        inner = field.annotation if field else None
        inside = isinstance(inner, type) and issubclass(inner, Section) and isinstance(value, dict)
        own = [key.partition(".")[2] for key in keep if key.startswith(f"{name}.")]
        out[name] = at_rest(inner, value, own) if inside else value
    for rule in rules_of(kind):
        if rule.key not in keep and not rule.read(_loose(kind, out)):
            *parents, last = rule.key.split(".")
            place = out
            for parent in parents:
                place = place[parent]
            place[last] = rule.rest
    return out


def _loose(kind: type[Section], values: Mapping[str, Any]) -> Any:
    """Return an object with the attributes of a section, properties included, unchecked."""
    fields = {k: _namespace(v) for k, v in values.items()}
    return kind.model_construct(**fields)


def _namespace(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{k: _namespace(v) for k, v in value.items()})
    return value
