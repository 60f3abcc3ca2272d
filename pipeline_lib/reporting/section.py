"""What a section of the page declares, and all that do.

A module of sections/ with a ``SECTION`` is one; nothing else lists it. templates/NAME.html shows
it.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pipeline_lib.reporting import sections
from pipeline_lib.reporting.material import ALWAYS
from pipeline_lib.reporting.runs import Run
from pipeline_lib.targets import TARGETS, Target


@dataclass(frozen=True)
class Section:
    """A section, or a part of the section of a run.

    ``build`` takes the material, and the target or the run where there is one for each; it returns
    plain values, or None where there is nothing to show. The template knows them by ``name``.
    """

    name: str  # also of its template, and its anchor
    title: str  # in the list of contents
    place: int  # sections of the page rise; those of one place take turns, run by run
    build: Callable[..., Any]
    per: Literal["page", "target", "run", "part"] = "page"  # how often: "part" of each run
    reads: tuple[str, ...] = ()  # stages whose folders it opens
    targets: tuple[Target, ...] = TARGETS  # that it is shown of
    methods: tuple[str, ...] = ()  # whose runs it is shown of; without any, all
    named: bool = False  # its target is in the title even where there is no other

    def shows(self, run: Run) -> bool:
        """Whether it is about a run."""
        known = not self.methods or run.header["method"] in self.methods
        return known and run.target in self.targets


def declared() -> list[Section]:
    """Return all sections in the order of the page."""
    modules = [importlib.import_module(name) for name in sections.modules()]
    found = [module.SECTION for module in modules if hasattr(module, "SECTION")]
    return sorted(found, key=lambda section: (section.place, section.name))


def read() -> set[str]:
    """Return the stages whose folders the page is made of."""
    return {*ALWAYS, *(stage for section in declared() for stage in section.reads)}
