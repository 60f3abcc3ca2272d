"""A run's settings as a header holds them: all that decides the result of one seed."""

from typing import Any

from pydantic import ValidationError

from pipeline_lib.errors import InputError
from pipeline_lib.params.method import Trained
from pipeline_lib.steps.train.loading import load_section


def stored(settings: Trained) -> dict[str, Any]:
    """Return the settings as JSON values, without the seeds."""
    return settings.model_dump(exclude={"recipe": {"seeds"}})


def restored(method: str, found: dict[str, Any], seeds: list[int]) -> Trained:
    """Return the settings of a header.

    Raises:
        InputError: there is no such method, or its settings are others today.
    """
    recipe = found.get("recipe", {}) | {"seeds": seeds}
    try:
        return load_section(method).model_validate(found | {"recipe": recipe})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"its settings are not those of {method} now: {place}: {first['msg']}"
        ) from error
