"""What a plan costs, and each of its offers besides: one probe of all of them together."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.project.estimate.cost import Total, cost_of_all
from pipeline_lib.project.estimate.graph import stages_of
from pipeline_lib.project.estimate.words import duration
from pipeline_lib.project.start.plan import Wishes, plan
from pipeline_lib.project.start.survey import Survey

PLACE = "data/raw/images"  # of params.yaml that are never written


@dataclass(frozen=True)
class Prices:
    """Estimates of one data set."""

    plan: Total
    offers: dict[str, str]  # by run: what it takes besides, in words


def prices(
    found: Survey, wishes: Wishes, root: Path, presets: Path, data: Path, *, offers: bool
) -> Prices:
    """Estimate a plan, with ``offers`` each of them besides, which takes minutes instead of one.

    Raises:
        InputError: the probe found a fault of the data.
    """
    more = [offer.run for offer in plan(found, wishes).offers] if offers else []
    every = document_of(found, replace(wishes, extra=(*wishes.extra, *more)), presets)
    whole = cost_of_all(root, every, data.expanduser())
    return parted(whole, found, wishes, root, presets) if offers else Prices(whole, {})


def parted(whole: Total, found: Survey, wishes: Wishes, root: Path, presets: Path) -> Prices:
    """Part the estimate of a plan with all its offers into the plan's, and each offer's."""
    offers = [offer.run for offer in plan(found, wishes).offers]
    own = _stages(root, document_of(found, wishes, presets))
    words = {}
    for run in offers:
        chosen = document_of(found, replace(wishes, extra=(*wishes.extra, run)), presets)
        more = [s for s in whole.stages if s.stage in _stages(root, chosen) - own]
        known = [s.seconds for s in more if s.seconds is not None]
        words[run] = duration(sum(known)) if len(known) == len(more) else "not known"
    kept = [stage for stage in whole.stages if stage.stage in own]
    return Prices(Total(kept, whole.probe, whole.start), words)


def document_of(found: Survey, wishes: Wishes, presets: Path) -> dict[str, Any]:
    """Return the params.yaml that a plan writes."""
    text = plan(found, wishes).text(presets, Path("params.yaml"), path=PLACE)
    document: dict[str, Any] = YAML(typ="safe").load(text)
    return document


def _stages(root: Path, document: dict[str, Any]) -> set[str]:
    return {stage.name for stage in stages_of(root / "dvc.yaml", document)}
