"""The whole page, from plain values to HTML."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline_lib.evaluation.view_names import title
from pipeline_lib.reporting.contents import listed
from pipeline_lib.reporting.figures import by_category, curves, histogram, plane, reliability, sweep
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.numbers import MINUS, difference_of, percent, points
from pipeline_lib.reporting.sections import attention
from pipeline_lib.reporting.sections.head import Head


@dataclass(frozen=True)
class Part:
    """A section of the page, or of a run, with what it shows."""

    name: str  # of its template, which knows the values by it
    values: Any
    anchor: str
    title: str  # in the list of contents
    of: str = ""  # ": tags" where there is one for classes too
    run: str = ""  # that it is of
    parts: list["Part"] = field(default_factory=list)  # inside it


@dataclass(frozen=True)
class Page:
    """Every section that has something to show, in order."""

    head: Head
    parts: list[Part]
    material: Material


def environment() -> Environment:
    """Return what reads templates: strict, and everything is escaped."""
    return Environment(
        loader=PackageLoader("pipeline_lib.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(page: Page) -> str:
    """Write the page as one HTML document; equal values give equal text."""
    templates = environment()
    places = _Distinct("{}-{}")
    templates.filters |= {
        "key": lambda value: f"{value:.5g}",  # that a column is sorted by
        "number": lambda number: f"{number:,.0f}",
        "percent": percent,
        "points": points,
        "difference": difference_of,
        "tick": tick,
        "view": title,
        "slug": slug,
        "distinct": _Distinct("{} ({})"),
        "place": lambda title: places(slug(title)),
    }
    templates.globals |= {
        "by_category": by_category,
        "curves": curves,
        "histogram": histogram,
        "plane": plane,
        "reliability": reliability,
        "sweep": sweep,
        "attention": attention,
    }
    context = {
        "head": page.head,
        "runs": page.material.runs,
        "evaluation": page.material.evaluation,
        "anchors": {part.run: part.anchor for part in page.parts if part.run},
    }
    context["ui"] = templates.get_template("macros.html").make_module(context)

    def show(part: Part, **outer: Any) -> Markup:
        own = {part.name: part.values, "part": part, "anchor": part.anchor, "of": part.of}
        template = templates.get_template(f"{part.name}.html")
        return Markup(template.render(context | own | outer))

    context["show"] = show
    shown = [(part, show(part)) for part in page.parts]
    contents = listed((part.anchor, part.title, part.run, html) for part, html in shown)
    sections = [html for _, html in shown]
    return templates.get_template("page.html").render(
        context | {"contents": contents, "sections": sections}
    )


class _Distinct:
    """Number labels and anchors that were given before."""

    def __init__(self, numbered: str) -> None:
        self._numbered, self._given = numbered, Counter[str]()

    def __call__(self, label: str) -> str:
        """Return the label, from the second time on with a number."""
        self._given[label] += 1
        number = self._given[label]
        return label if number == 1 else self._numbered.format(label, number)


def slug(text: str) -> str:
    """Return what can stand in an anchor: "unseen tags" as "unseen-tags"."""
    return re.sub(r"[^0-9A-Za-z_]+", "-", text).strip("-")


def tick(value: float) -> str:
    """Write a number of an axis as short as it is."""
    return f"{value:g}".replace("-", MINUS)
