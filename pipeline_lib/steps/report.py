"""Gather everything that the page shows."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline_lib.errors import InputError
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.page import Page, Part
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section, declared, read
from pipeline_lib.reporting.sections.head import head


def check_folders(folders: Mapping[str, Any]) -> None:
    """Compare the folders that are given with those that sections declare.

    Raises:
        InputError: one is missing.
    """
    missing = sorted(read() - folders.keys())
    if missing:
        raise InputError(
            f"report: no folder '{missing[0]}' among {sorted(folders)}, expected one, as a section "
            "reads it; name it in the stage `report` of dvc.yaml"
        )


def assemble(material: Material) -> Page:
    """Return the page of every section that has something to show.

    Raises:
        InputError: an artifact that a section reads is missing or damaged.
    """
    sections = declared()
    parts = [part for section in sections for part in _parts(section, material, sections)]
    place = {section.name: section.place for section in sections}
    order = {run.name: number for number, run in enumerate(material.runs)}
    parts.sort(key=lambda part: (place[part.name], order.get(part.run, 0)))
    return Page(head(material.collection, material.dataset), parts, material)


def _parts(section: Section, material: Material, all_: list[Section]) -> Iterator[Part]:
    allowed = material.only(section.reads)
    if section.per == "page":
        if (value := section.build(allowed)) is not None:
            yield Part(section.name, value, section.name.replace("_", "-"), section.title)
    elif section.per == "target":
        yield from _of_targets(section, allowed)
    elif section.per == "run":
        for number, run in enumerate(material.runs, 1):
            if section.shows(run):
                value = section.build(allowed, run)
                within = [part for one in all_ for part in _within(one, material, run)]
                anchor = f"run-{number}"
                yield Part(section.name, value, anchor, section.title, run=run.name, parts=within)


def _of_targets(section: Section, material: Material) -> Iterator[Part]:
    """Yield a part for every target of which there is something to show."""
    built = {target: section.build(material, target) for target in section.targets}
    found = {target: value for target, value in built.items() if value is not None}
    for target, value in found.items():
        first = target == next(iter(found)) and not section.named
        of = f": {target}" if len(found) > 1 or section.named else ""
        anchor = section.name if first else f"{section.name}-{target}"
        yield Part(section.name, value, anchor, f"{section.title}{of}", of=of)


def _within(section: Section, material: Material, run: Run) -> Iterator[Part]:
    """Yield what a section shows inside that of a run."""
    if section.per == "part" and section.shows(run):
        value = section.build(material.only(section.reads), run)
        if value is not None:
            yield Part(section.name, value, section.name, section.title, run=run.name)
