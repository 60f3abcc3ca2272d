"""The whole page, from plain values to HTML."""

import re
from collections import Counter
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline_lib.evaluation.views import title
from pipeline_lib.reporting.figures import by_category, curves, histogram, plane, sweep
from pipeline_lib.reporting.numbers import MINUS, difference_of, percent, points
from pipeline_lib.reporting.sections import attention
from pipeline_lib.reporting.sections.about import About
from pipeline_lib.reporting.sections.category_graph import CategoryGraph
from pipeline_lib.reporting.sections.clusters import Clusters
from pipeline_lib.reporting.sections.dataset import Data
from pipeline_lib.reporting.sections.exemplars import Exemplars
from pipeline_lib.reporting.sections.explanations import Explanations
from pipeline_lib.reporting.sections.findings import Answer
from pipeline_lib.reporting.sections.head import Head
from pipeline_lib.reporting.sections.open_vocabulary import OpenVocabulary
from pipeline_lib.reporting.sections.regions import Regions
from pipeline_lib.reporting.sections.relations import Relations
from pipeline_lib.reporting.sections.results import Results
from pipeline_lib.reporting.sections.run import RunSection
from pipeline_lib.reporting.sections.tag_run import TagRunSection
from pipeline_lib.reporting.unpredicted import Unpredicted


@dataclass(frozen=True)
class Page:
    """Every section; None or nothing where there is nothing to show."""

    head: Head
    answers: list[Answer]  # for classes, tags and unseen tags
    unpredicted: list[Unpredicted]  # labels that are there, and no run predicts them
    results: list[Results]  # one per target
    data: Data
    runs: list[RunSection | TagRunSection]
    open_vocabulary: OpenVocabulary | None
    explanations: dict[str, Explanations]  # by run
    regions: dict[str, Regions]  # by target
    exemplars: dict[str, Exemplars]  # by target
    clusters: dict[str, Clusters]  # by target
    relations: dict[str, Relations]  # by target
    graphs: list[CategoryGraph]
    about: About


def render(page: Page) -> str:
    """Write the page as one HTML document; equal values give equal text."""
    environment = Environment(
        loader=PackageLoader("pipeline_lib.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    places = _Distinct("{}-{}")
    pictures: dict[str, str] = {}  # anchors of what is shown, by its content
    environment.filters |= {
        "number": lambda number: f"{number:,.0f}",
        "percent": percent,
        "points": points,
        "difference": difference_of,
        "tick": tick,
        "view": title,
        "slug": slug,
        "distinct": _Distinct("{} ({})"),
        "place": lambda title: places(slug(title)),
        "shown": lambda uri: pictures.setdefault(uri, f"picture-{len(pictures) + 1}"),
    }
    environment.globals |= {
        "by_category": by_category,
        "curves": curves,
        "histogram": histogram,
        "plane": plane,
        "sweep": sweep,
        "attention": attention,
        "gallery": pictures,  # the page ends with them, each once
    }
    anchors = {section.run.name: f"run-{n}" for n, section in enumerate(page.runs, 1)}
    return environment.get_template("page.html").render(vars(page) | {"anchors": anchors})


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
