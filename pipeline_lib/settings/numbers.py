"""Kinds of numbers that many settings are."""

from typing import Annotated

from pipeline_lib.settings.markers import Bound

Count = Annotated[int, Bound(ge=1)]
Share = Annotated[float, Bound(ge=0, le=1)]
Weight = Annotated[float, Bound(ge=0)]
Positive = Annotated[float, Bound(gt=0)]
BelowOne = Annotated[float, Bound(ge=0, lt=1)]
