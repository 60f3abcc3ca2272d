"""A group of settings: a frozen dataclass that checks itself."""

from dataclasses import dataclass, fields
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from pipeline_lib.settings.markers import Bound, NotEmpty
from pipeline_lib.settings.only import Only, rules_of


@dataclass(frozen=True, kw_only=True)
class Group:
    """Settings that belong together. Values of wrong type or out of bounds are a ValueError.

    ``ONLY`` says which of them are read beside some other value only; a changed value that nothing
    reads is refused too. Rules between settings are checked in ``__post_init__``.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "strict": True,
        "extra": "forbid",
        "allow_inf_nan": False,
    }
    ONLY: ClassVar[tuple[Only, ...]] = ()

    def __post_init__(self) -> None:
        own: Any = type(self)  # mypy takes a frozen class for an unhashable one
        hints, kind = _hints(own), own.__qualname__
        for field in fields(self):
            value = getattr(self, field.name)
            if expected := _fault(value, hints[field.name]):
                raise ValueError(f"{kind}: {field.name} is {value!r}: {expected}")
        faults = [found for rule in rules_of(type(self)) if (found := rule.fault(self))]
        if faults:
            raise ValueError("; ".join(faults))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let a mapping stand for the group; it has to name every setting.

        A default would hide from DVC what a result depends on.
        """
        schema = handler(source)
        own = handler.resolve_ref_schema(schema)
        own["strict"] = False  # of the mapping; its values are taken strictly
        for field in own["schema"]["fields"]:
            if field["schema"]["type"] == "default":
                field["schema"] = field["schema"]["schema"]
        return schema


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


WORDS = {bool: "a valid boolean", int: "a valid integer", float: "a valid number", str: "a string"}


def _fault(value: Any, hint: Any) -> str | None:
    """Say what a value should be, if it is not what its annotation says."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        bounds = [one for one in inside[1:] if isinstance(one, Bound | NotEmpty)]
        fault = _fault(value, inside[0])
        return fault or next(filter(None, (bound.fault(value) for bound in bounds)), None)
    if origin is Literal:
        return None if value in inside else f"should be {' or '.join(map(repr, inside))}"
    if origin in (Union, UnionType):
        found = [_fault(value, one) for one in inside]
        return None if None in found else "; or ".join(filter(None, found))
    if origin is list:
        if not isinstance(value, list):
            return "should be a list"
        return next(filter(None, (_fault(one, inside[0]) for one in value)), None)
    kinds = (float, int) if hint is float else hint
    if isinstance(value, kinds) and (hint is bool or not isinstance(value, bool)):
        return None
    return f"should be {WORDS.get(hint, getattr(hint, '__name__', hint))}"
