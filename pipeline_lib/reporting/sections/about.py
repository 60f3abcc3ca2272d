"""The closing section: how the numbers were made."""

from dataclasses import dataclass
from importlib.metadata import version

from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.protocols import PROTOCOLS, Protocol

LIBRARIES = ("torch", "timm", "polars")


@dataclass(frozen=True)
class About:
    """The section."""

    protocols: dict[str, Protocol]
    evaluation: Evaluation
    report: Report
    versions: dict[str, str]


def about(evaluation: Evaluation, report: Report) -> About:
    """Collect definitions, draws and versions."""
    versions = {library: version(library) for library in LIBRARIES}
    return About(PROTOCOLS, evaluation, report, versions)
