"""The closing section: how the numbers were made."""

from dataclasses import dataclass
from importlib.metadata import version

from pipeline_lib.evaluation.metric import Protocol
from pipeline_lib.evaluation.metrics import protocols
from pipeline_lib.evaluation.view_names import is_zero_shot
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.section import Section
from pipeline_lib.targets import Target

LIBRARIES = ("torch", "timm", "polars")


@dataclass(frozen=True)
class About:
    """The section."""

    protocols: list[Protocol]
    tags: bool  # whether some run predicts them
    zero_shot: bool  # whether some run scores unseen ones
    evaluation: Evaluation
    versions: dict[str, str]


def about(evaluation: Evaluation, targets: set[Target], *, zero_shot: bool) -> About:
    """Collect definitions of what was predicted, draws and versions."""
    versions = {library: version(library) for library in LIBRARIES}
    return About(protocols(targets), "tags" in targets, zero_shot, evaluation, versions)


def _build(material: Material) -> About:
    runs = material.runs
    zero_shot = any(is_zero_shot(view) for run in runs for view in run.views)
    return about(material.evaluation, {run.target for run in runs}, zero_shot=zero_shot)


SECTION = Section("about", "How the numbers were made", 110, _build)
