"""Load one section of params.yaml and say precisely what is wrong with it."""

import difflib
from pathlib import Path
from typing import Any, ClassVar, Self, cast, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline_lib.errors import InputError
from pipeline_lib.params.only import Only

# The git-tracked file that a path parameter names when it names nothing, because DVC wants a path.
NOTHING = "data/none"
LISTED = 60  # known names in a message, at most
# What reading YAML raises: of numbers with thousands of digits, of lists in lists in lists.
UNREADABLE = (YAMLError, ValueError, RecursionError)


class Section(BaseModel):
    """One section of params.yaml.

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
        """Return ``section`` of the YAML 1.2 file at ``path`` (in 1.2 ``1e-4`` is a number).

        Raises:
            InputError: every fault of the section, one line each.
        """
        return cls.of(read_yaml(path), section, path)

    @classmethod
    def of(cls, document: dict[str, Any], section: str, path: Path) -> Self:
        """Return ``section`` of a document, which ``path`` holds or is to hold.

        Raises:
            InputError: every fault of the section, one line each.
        """
        if section not in document:
            raise InputError(f"{path}: section '{section}' is missing{nearest(section, document)}")
        try:
            return cls.model_validate(document[section])
        except ValidationError as error:
            lines = [f"{path}: {section}{cls._explain(e)}" for e in error.errors()]
            raise InputError("\n".join(lines)) from None

    @classmethod
    def _explain(cls, error: ErrorDetails) -> str:
        keys, model = _walk(cls, error["loc"])
        where = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in keys)
        if error["type"] == "extra_forbidden":
            return f"{where} is not a known key{nearest(str(keys[-1]), model.model_fields)}"
        if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
            return f"{where}.{_kind_unknown(model.model_fields[str(keys[-1])], error['input'])}"
        if error["type"] == "missing":
            return f"{where} is missing; `protoweave use PRESET` writes a complete file"
        found = "" if isinstance(error["input"], dict) else f" is {error['input']!r}"
        expected = error["msg"].removeprefix("Value error, ")
        return f"{where}{found}: {expected[0].lower()}{expected[1:]}"


def rules_of(kind: type[Section]) -> list[Only]:
    """Return what a section says of its keys, and those that it extends."""
    return [rule for one in reversed(kind.__mro__) for rule in vars(one).get("ONLY", ())]


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


def nearest(name: Any, known: Any) -> str:
    """Return '; did you mean …?' for a misspelt name, or a list of what there is.

    YAML makes numbers and truth values of some names.
    """
    names = sorted(str(k) for k in known)
    close = difflib.get_close_matches(str(name), names, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    others = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"; known: {', '.join(names[:LISTED])}{others}"


def optional_path(value: str) -> Path | None:
    """Return the path, or None for ``data/none``."""
    return None if value == NOTHING else Path(value)


def _walk(
    model: type[BaseModel], location: tuple[int | str, ...]
) -> tuple[list[int | str], type[BaseModel]]:
    """Return the keys of a place, and the model that the last of them is a key of.

    pydantic names the kind of a union between the union's key and those of its members.
    """
    keys: list[int | str] = []
    inside, kinds = model, dict[str, type[BaseModel]]()
    for part in location:
        if part in kinds:
            inside, kinds = kinds[str(part)], {}
            continue
        model, kinds = inside, {}
        keys.append(part)
        field = model.model_fields.get(str(part))
        if field is not None:
            kinds = kinds_of(field)
            annotation = field.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                inside = annotation
    return keys, model


def kinds_of(field: FieldInfo) -> dict[str, type[BaseModel]]:
    """Return the models that a key may hold by the name that chooses one; none for other keys."""
    tag = field.discriminator
    if not isinstance(tag, str):
        return {}
    models = get_args(field.annotation)
    return {
        str(name): model
        for model in models
        for name in get_args(model.model_fields[tag].annotation)
    }


def _kind_unknown(field: FieldInfo, found: Any) -> str:
    """Say that no kind of a union is chosen, or one that is not there."""
    known, tag = kinds_of(field), field.discriminator
    if not isinstance(found, dict) or tag not in found:
        return f"{tag} is missing; expected one of {', '.join(known)}"
    return f"{tag} is {found[tag]!r}, which is not known{nearest(found[tag], known)}"
