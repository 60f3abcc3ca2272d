"""A run's settings as a header holds them: all that decides the result of one seed."""

from dataclasses import asdict
from typing import Any

from pydantic import ValidationError

from pipeline_lib.errors import InputError
from pipeline_lib.params.faults import explained
from pipeline_lib.params.section import checked
from pipeline_lib.settings.group import Group
from pipeline_lib.settings.markers import NONE
from pipeline_lib.steps.train.loading import load_settings
from pipeline_lib.training.settings import RunSettings


def stored(settings: RunSettings) -> dict[str, Any]:
    """Return the settings as JSON values, as params.yaml has them, without the seeds."""
    return {name: value for name, value in spelt(settings).items() if name != "seeds"}


def spelt(settings: Group) -> dict[str, Any]:
    """Return any settings as JSON values, as params.yaml has them."""
    found: dict[str, Any] = _spelt(asdict(settings))
    return found


def restored(method: str, found: dict[str, Any], seeds: list[int]) -> RunSettings:
    """Return the settings of a header.

    Raises:
        InputError: there is no such method, or its settings are others today.
    """
    kind = load_settings(method)
    try:
        return checked(kind, found | {"seeds": seeds})
    except ValidationError as error:
        first = explained(kind, error.errors()[0]).removeprefix(".")
        what, *_ = first.split("; ")  # the remedy is for params.yaml
        raise InputError(f"its settings are not those of {method} now: {what}") from error


def _spelt(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelt(inner) for key, inner in value.items()}
    return NONE if value is None else value
