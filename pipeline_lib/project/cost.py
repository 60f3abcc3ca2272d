"""What the runs cost: encoded images from their artifacts, seconds from this machine's log.

Seconds lie in no artifact, because the same input has to give the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib.artifacts.encoded import mean_parts
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.plan import last_seconds

SCORES_FILE = "data/artifacts/train/{}/scores.safetensors"


@dataclass(frozen=True)
class Cost:
    """One run."""

    run: str
    parts: dict[str, float]  # images encoded by what for, mean over seeds; none: not trained yet
    seconds: float | None  # how long training all seeds took here last time

    @property
    def images(self) -> float:
        """All encoded images."""
        return sum(self.parts.values())


def costs(root: Path) -> Iterator[Cost]:
    """Yield what each run of params.yaml cost, in its order.

    Raises:
        InputError: params.yaml is missing, or scores are no scores.
    """
    for run in read_yaml(root / "params.yaml").get("methods") or {}:
        path = root / SCORES_FILE.format(run)
        parts = mean_parts(_seeds(path)) if path.exists() else {}
        yield Cost(run, parts, last_seconds(root, f"train@{run}"))


def _seeds(path: Path) -> list[dict[str, float]]:
    with SCORES.opened(path) as (_, header):
        found: list[dict[str, float]] = header.get("encoded") or []
    return found
