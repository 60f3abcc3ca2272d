"""Follow a training while it runs, by accelerate's trackers; no result depends on them.

``PROTOWEAVE_TRACKERS`` names them: ``tensorboard``, ``mlflow``, or both with a comma between. The
files of TensorBoard go below ``PROTOWEAVE_TRACKING``, a folder for each training; MLflow reads
``MLFLOW_TRACKING_URI``, and ``MLFLOW_EXPERIMENT_NAME``, which is "protoweave" unless it is set.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from accelerate.tracking import (
    GeneralTracker,
    MLflowTracker,
    TensorBoardTracker,
    get_available_trackers,
)

from pipeline_lib.errors import InputError
from pipeline_lib.settings.recipe import Recipe

TRACKERS, FOLDER, URI = "PROTOWEAVE_TRACKERS", "PROTOWEAVE_TRACKING", "MLFLOW_TRACKING_URI"
DEFAULT_FOLDER = ".protoweave/tracking"
PACKAGES = {"tensorboard": "tensorboard", "mlflow": "mlflow-skinny"}  # that each needs

Log = Callable[[dict[str, float]], None]
"""Take the record of an epoch."""


@contextmanager
def tracked(label: str, recipe: Recipe, seed: int) -> Iterator[Log]:
    """Hand out what records of epochs go to; without trackers that is nowhere.

    Args:
        label: of the training, for people.
        recipe: its settings, which trackers keep beside it.
        seed: of the training.

    Raises:
        InputError: a tracker is unknown or not installed, or MLflow is not told where to write.
    """
    with ExitStack() as until_the_end:
        trackers = [_started(name, label) for name in wanted()]
        for tracker in trackers:
            until_the_end.callback(tracker.finish)
            tracker.store_init_configuration(dict(_flat(asdict(recipe))) | {"seed": seed})

        def log(record: dict[str, float]) -> None:
            for tracker in trackers:
                tracker.log(record, step=int(record["epoch"]))

        yield log


def wanted() -> list[str]:
    """Return the names of the trackers that the environment asks for.

    Raises:
        InputError: as ``tracked``.
    """
    names = [name.strip() for name in os.environ.get(TRACKERS, "").split(",") if name.strip()]
    for name in names:
        if name not in PACKAGES:
            raise InputError(f"{TRACKERS}: unknown '{name}', expected one of {sorted(PACKAGES)}")
        if name not in map(str, get_available_trackers()):
            raise InputError(
                f"{TRACKERS}: '{name}' is not installed, expected to follow the training with it; "
                f"run `pip install {PACKAGES[name]}`, or unset {TRACKERS}"
            )
    if "mlflow" in names and not os.environ.get(URI):
        raise InputError(
            f"{TRACKERS}: mlflow is not told where to write, expected {URI} to be the address of a "
            "server, or file:FOLDER; set it"
        )
    return names


def _started(name: str, label: str) -> GeneralTracker:
    folder = Path(os.environ.get(FOLDER) or DEFAULT_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    tracker: GeneralTracker
    if name == "mlflow":
        tracker = MLflowTracker("protoweave", run_name=label)
    else:
        tracker = TensorBoardTracker(re.sub(r"[^\w.-]+", "-", label), logging_dir=folder)
    with (folder / ".lock").open("w") as lock:  # seeds begin together, and one makes what all share
        fcntl.flock(lock, fcntl.LOCK_EX)
        tracker.start()
    return tracker


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield nested settings as ``optimizer.lr``, in types that all trackers take."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            known = isinstance(value, bool | int | float | str)
            yield f"{prefix}{name}", value if known else str(value)
