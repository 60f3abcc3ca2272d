"""What a run cost, and whether the run that it is compared with cost as much."""

from dataclasses import dataclass, field

import polars as pl

from pipeline_lib.artifacts.encoded import mean_parts
from pipeline_lib.reporting.runs import Run

EQUAL = 0.05  # relative: budgets of whole epochs meet no nearer


@dataclass(frozen=True)
class Budget:
    """The training of one run."""

    trained: bool  # False: a model as it comes, however it was trained before
    epochs: int
    images: float  # encoded, mean over seeds
    parts: dict[str, float] = field(default_factory=dict)  # of them by what for, mean over seeds

    @classmethod
    def of(cls, run: Run) -> "Budget":
        """Read it from the history of the run, which ends with the epochs that were trained."""
        trained = bool(run.history.select((pl.col("lr") > 0).any()).item())
        epochs = int(run.history["epoch"].max()) + 1  # type: ignore[arg-type]
        images = float(run.metrics["images_encoded"])
        return cls(trained, epochs, images, mean_parts(run.header.get("encoded") or []))


def compared(ours: Budget, theirs: Budget) -> str:
    """Say at which budget one run is compared with another: "at equal epochs (…)"."""
    if not theirs.trained:
        return "as that model comes"
    if not ours.trained:
        return f"after {_counted(theirs.epochs, 'epoch')} of further training"
    epochs = ours.epochs == theirs.epochs
    images = abs(ours.images - theirs.images) <= EQUAL * max(ours.images, theirs.images)
    if epochs and images:
        return "at equal epochs and encoded images"
    if images:
        return f"at equal encoded images ({ours.epochs} epochs against {theirs.epochs})"
    more = f"{_times(ours.images, theirs.images)} encoded images"
    if epochs:
        return f"at equal epochs, with {more}"
    return f"at another budget: {ours.epochs} epochs against {theirs.epochs}, {more}"


def backbone(run: Run) -> str:
    """Name what a run saw the images through: "test_resnet at 64 pixels, frozen"."""
    known = run.header.get("backbone") or {}
    model = known.get("model") or "an unnamed backbone"
    size = f" at {known['image_size']} pixels" if known.get("image_size") else ""
    return f"{model}{size}{', frozen' if known.get('input') == 'maps' else ''}"


def _times(ours: float, theirs: float) -> str:
    if not theirs:
        return "any number of"
    times = ours / theirs
    return f"{times:.1f} times the" if times < 10 else f"{times:.0f} times the"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
