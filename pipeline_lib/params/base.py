"""Sections of the method ``base`` and of the stage ``baseline``: a plain backbone."""

from pipeline_lib.params.method import MethodSection


class Base(MethodSection):
    """A backbone and a linear classifier."""


class Baseline(MethodSection):
    """The backbone whose features are clustered; only the first seed is trained."""

    weights: str  # where it starts: a local checkpoint, or data/none


SECTION = Base
