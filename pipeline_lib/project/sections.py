"""Which model checks a section of params.yaml, and where those models hold a backbone."""

import importlib
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.backbone import Backbone
from pipeline_lib.params.base import Baseline
from pipeline_lib.params.category_graph import CategoryGraph
from pipeline_lib.params.clusters import Clusters
from pipeline_lib.params.csnet import Csnet
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.exemplars import Exemplars
from pipeline_lib.params.features import Features
from pipeline_lib.params.maps import Maps
from pipeline_lib.params.regions import Regions
from pipeline_lib.params.relations import Relations
from pipeline_lib.params.report import Report
from pipeline_lib.params.section import Section
from pipeline_lib.params.text import Text
from pipeline_lib.params.vlp import Vlp
from pipeline_lib.project.selection import DISABLED, RUNS

SECTIONS: dict[str, type[Section]] = {
    "dataset": Dataset,
    "vlp": Vlp,
    "baseline": Baseline,
    "csnet": Csnet,
    "exemplars": Exemplars,
    "features": Features,
    "maps": Maps,
    "clusters": Clusters,
    "regions": Regions,
    "relations": Relations,
    "text": Text,
    "category_graph": CategoryGraph,
    "evaluation": Evaluation,
    "report": Report,
}


def models_of(name: str, document: dict[str, Any]) -> list[type[Section]]:
    """Return the models of a section: its stage's, and that of the method whose run has its name.

    A section that is named after a method is read by that method even where no run uses it.
    """
    method = next((run for run in _runs_named(name, document)), name)
    found = [SECTIONS[name]] if name in SECTIONS else []
    return found + ([method_section(method)] if method in METHODS else [])


def method_section(method: str) -> type[Section]:
    """Return the model of a method's section (without importing the method)."""
    section: type[Section] = importlib.import_module(f"pipeline_lib.params.{method}").SECTION
    return section


def backbones(model: type[BaseModel], *above: str) -> Iterator[tuple[tuple[str, ...], type]]:
    """Yield the path of every backbone below a model, and the backbone's own model."""
    for name, field in model.model_fields.items():
        for kind in get_args(field.annotation) or (field.annotation,):
            if not isinstance(kind, type):
                continue
            if issubclass(kind, Backbone):
                yield (*above, name), kind
            elif issubclass(kind, BaseModel):
                yield from backbones(kind, *above, name)


def _runs_named(name: str, document: dict[str, Any]) -> Iterator[str]:
    for section in (RUNS, DISABLED):
        runs = document.get(section)
        run = runs.get(name) if isinstance(runs, dict) else None
        if isinstance(run, dict) and isinstance(run.get("method"), str):
            yield run["method"]
