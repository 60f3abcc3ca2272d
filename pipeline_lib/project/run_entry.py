"""An entry of the sections ``methods`` and ``disabled``: a run, and the files that it reads."""

import re
from typing import Annotated

from pydantic import AfterValidator

from pipeline_lib.params.section import Section
from pipeline_lib.targets import Target

PATH = re.compile(r"[\w./+=,@:][\w./+=,@:-]*")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def _plain(path: str) -> str:
    """Refuse what the shell would take apart: dvc.yaml puts these paths into a command line."""
    if not PATH.fullmatch(path):
        raise ValueError(
            "expected a path of letters, digits and . / _ - + = , @ : alone, since it becomes part "
            "of a command line; rename the file, or link it under such a name"
        )
    return path


PlainPath = Annotated[str, AfterValidator(_plain)]


class Run(Section):
    """One run of a method."""

    method: str
    target: Target
    input: PlainPath  # pixels, or what was made of them
    text: PlainPath  # vectors of the names of what it predicts, or data/none
    knowledge: PlainPath  # what it learns from besides, or data/none
    weights: PlainPath  # what it starts from, or data/none
    reference: str | list[str] = ""  # what it is compared with; "": nothing


class DisabledRun(Run):
    """A run that is switched off, with its place among the others."""

    after: str  # the run before it; "": it is the first
