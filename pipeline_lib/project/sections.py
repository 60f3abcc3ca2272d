"""Which model checks a section of params.yaml, and where those models hold a backbone."""

from collections.abc import Iterator
from typing import Any

from pipeline_lib.methods.registry import METHODS
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.params.baseline import Baseline
from pipeline_lib.params.category_graph import CategoryGraph
from pipeline_lib.params.clusters import Clusters
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.exemplars import Exemplars
from pipeline_lib.params.faults import alternatives, fields_of
from pipeline_lib.params.features import Features
from pipeline_lib.params.maps import Maps
from pipeline_lib.params.quality import Quality
from pipeline_lib.params.regions import Regions
from pipeline_lib.params.relations import Relations
from pipeline_lib.params.report import Report
from pipeline_lib.params.text import Text
from pipeline_lib.params.vlp import Vlp
from pipeline_lib.project.selection import DISABLED, RUNS
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.steps.train.loading import load_settings

SECTIONS: dict[str, type[Any]] = {
    "dataset": Dataset,
    "vlp": Vlp,
    "baseline": Baseline,
    "csnet": CsnetSettings,
    "exemplars": Exemplars,
    "features": Features,
    "maps": Maps,
    "clusters": Clusters,
    "regions": Regions,
    "relations": Relations,
    "text": Text,
    "category_graph": CategoryGraph,
    "quality": Quality,
    "evaluation": Evaluation,
    "report": Report,
}


def models_of(name: str, document: dict[str, Any]) -> list[type[Any]]:
    """Return the models of a section: its stage's, and that of the method whose run has its name.

    A section that is named after a method is read by that method even where no run uses it.
    """
    method = next((run for run in _runs_named(name, document)), name)
    found = [SECTIONS[name]] if name in SECTIONS else []
    return found + ([load_settings(method)] if method in METHODS else [])


def backbones(kind: Any, *above: str) -> Iterator[tuple[str, ...]]:
    """Yield the path of every backbone below a section or group."""
    for name, hint in fields_of(kind).items():
        for one in (alternatives(hint) or {"": hint}).values():
            if isinstance(one, type) and issubclass(one, Backbone):
                yield (*above, name)
            else:
                yield from backbones(one, *above, name)


def _runs_named(name: str, document: dict[str, Any]) -> Iterator[str]:
    for section in (RUNS, DISABLED):
        runs = document.get(section)
        run = runs.get(name) if isinstance(runs, dict) else None
        if isinstance(run, dict) and isinstance(run.get("method"), str):
            yield run["method"]
