"""Load one section of params.yaml and say precisely what is wrong with it."""

from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline_lib.errors import InputError
from pipeline_lib.params.faults import explained
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.older import older_place
from pipeline_lib.settings.only import Only, rules_of

# The git-tracked file that a path parameter names when it names nothing, because DVC wants a path.
NOTHING = "data/none"
# What reading YAML raises: of numbers with thousands of digits, of lists in lists in lists.
UNREADABLE = (YAMLError, ValueError, RecursionError)
T = TypeVar("T")


class Section(BaseModel):
    """A section of params.yaml that a stage reads; methods have dataclasses (settings/).

    Unknown keys, wrong types and values out of range are refused, and so is a changed value that
    nothing reads: ``ONLY`` says which keys are read in some cases only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    ONLY: ClassVar[tuple[Only, ...]] = ()

    @model_validator(mode="after")
    def _all_is_read(self) -> Self:
        faults = list(filter(None, (rule.fault(self) for rule in rules_of(type(self)))))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @classmethod
    def load(cls, section: str, path: Path) -> Self:
        """Return ``section`` of the file at ``path``, as `load` does."""
        return load(cls, section, path)


def load(kind: type[T], section: str, path: Path) -> T:
    """Return ``section`` of the YAML 1.2 file at ``path`` (in 1.2 ``1e-4`` is a number).

    Args:
        kind: a `Section`, or a `Group` of settings.
        section: its name.
        path: the file.

    Raises:
        InputError: every fault of the section, one line each.
    """
    return of(kind, read_yaml(path), section, path)


def of(kind: type[T], document: dict[str, Any], section: str, path: Path) -> T:
    """Return ``section`` of a document, which ``path`` holds or is to hold.

    Raises:
        InputError: every fault of the section, one line each; or that the file is older.
    """
    refuse_older(document, path)
    if section not in document:
        raise InputError(f"{path}: section '{section}' is missing{nearest(section, document)}")
    try:
        return checked(kind, document[section])
    except ValidationError as error:
        lines = [f"{path}: {section}{explained(kind, e)}" for e in error.errors()]
        raise InputError("\n".join(lines)) from None


def refuse_older(document: dict[str, Any], path: Path) -> None:
    """Refuse a document that an older version wrote.

    Raises:
        InputError: it is one; where, and the command that migrates it.
    """
    if found := older_place(document):
        raise InputError(
            f"{path}: {found}, as an older version wrote it; `protoweave use` without a preset "
            "migrates the file and says what becomes of each key"
        )


def checked(kind: type[T], values: Any) -> T:
    """Return the values as a section or a group of settings.

    Raises:
        ValidationError: they are none.
    """
    key: Any = kind  # mypy takes a frozen class for an unhashable one
    return cast("T", _adapter(key).validate_python(values))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a mapping from a YAML 1.2 file.

    Raises:
        InputError: the file is missing, cannot be read, is not YAML, or is no mapping.
    """
    try:
        document = YAML(typ="safe", pure=True).load(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; run `protoweave use PRESET` to write it") from error
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}), expected a YAML file; look at its kind "
            "and at its permissions"
        ) from error
    except UNREADABLE as error:
        raise InputError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(document, dict):
        raise InputError(f"{path}: expected sections such as 'dataset:', found {document!r}")
    return cast("dict[str, Any]", document)


def optional_path(value: str) -> Path | None:
    """Return the path, or None for ``data/none``."""
    return None if value == NOTHING else Path(value)
