"""Sections of tests, whose small numbers stand for parts that a test may switch off."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, TypeVar

from pipeline_lib.params.faults import alternatives, fields_of
from pipeline_lib.params.section import checked
from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import NONE
from pipeline_lib.settings.only import rules_of

S = TypeVar("S")


def settled(kind: type[S], values: Mapping[str, Any]) -> S:
    """Build a section; what nothing reads among these values goes back to where it rests."""
    return checked(kind, at_rest(kind, values))


def at_rest(kind: Any, values: Mapping[str, Any], keep: Iterable[str] = ()) -> dict[str, Any]:
    """Return the values with unread ones at rest, but for the dotted keys to ``keep``."""
    once = _at_rest(kind, values, keep)
    return once if once == values else at_rest(kind, once, keep)  # one may switch another off


def _at_rest(kind: Any, values: Mapping[str, Any], keep: Iterable[str]) -> dict[str, Any]:
    out, hints = {}, fields_of(kind)
    for name, value in values.items():
        inner = kind_at(hints.get(name), value)
        own = [key.partition(".")[2] for key in keep if key.startswith(f"{name}.")]
        out[name] = at_rest(inner, value, own) if inner is not None else value
    for rule in rules_of(kind):
        if rule.key not in keep and not rule.read(_loose(kind, out)):
            *parents, last = rule.key.split(".")
            place = out
            for parent in parents:
                place = place[parent]
            place[last] = NONE if rule.rest is None else rule.rest
    return out


def kind_at(hint: Any, value: Any) -> Any:
    """Return which section or group a mapping is to be, of those that may stand at its place."""
    if not isinstance(value, Mapping):
        return None
    options = alternatives(hint)
    if options is not None:
        return options.get(value.get("name")) or kind_at(options.get("on"), value)
    return hint if fields_of(hint) else None


def _loose(kind: Any, values: Mapping[str, Any]) -> Any:
    """Return an object with the attributes of a section, properties included, unchecked."""
    hints = fields_of(kind)
    fields = {}
    for name, value in values.items():
        inner = kind_at(hints.get(name), value)
        plain = None if value == "none" and alternatives(hints.get(name)) else _namespace(value)
        fields[name] = _loose(inner, value) if inner is not None else plain
    if not issubclass(kind, Group):
        return kind.model_construct(**fields)
    found = object.__new__(kind)
    for name, value in fields.items():
        object.__setattr__(found, name, value)
    return found


def _namespace(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{k: _namespace(v) for k, v in value.items()})
    return value
