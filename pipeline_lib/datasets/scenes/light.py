"""The light and weather of a picture."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Hex = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Gain = Annotated[float, Field(ge=0, le=1.2)]


class Light(BaseModel):
    """One entry under ``lights`` of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sky: tuple[Hex, Hex]  # its colours at the top and at the horizon
    tint: tuple[Gain, Gain, Gain] = (1.0, 1.0, 1.0)  # red, green, blue of everything it falls on
    dark: bool = False  # windows are lit, stars are out
    weather: Literal["clear", "rain", "snow", "fog"] = "clear"
    when: str = ""  # how a caption says it, such as "at night"
