"""A checkout with what was trained in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.api.recogniser import Recogniser, restored
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest

TRAINED = Path("data/artifacts/train")
WEIGHTS_FILE, SCORES_FILE = "weights.safetensors", "scores.safetensors"


@dataclass(frozen=True)
class Project:
    """A checkout with what was trained in it."""

    root: Path

    @property
    def runs(self) -> list[str]:
        """The names of the runs whose weights are there, sorted."""
        return sorted(path.parent.name for path in (self.root / TRAINED).glob(f"*/{WEIGHTS_FILE}"))

    def load(self, run: str, *, seed: int | None = None, device: str | None = None) -> Recogniser:
        """Load a run; see ``load``."""
        return load(run, self.root, seed=seed, device=device)

    def scores(self, run: str, split: str = TEST, *, seed: int | None = None) -> pl.DataFrame:
        """Return the stored scores of a split: "sample_id", and a column per class or tag.

        Raises:
            InputError: there is no such run, seed or split, or the images are others by now.
        """
        folder = self.folder(run)
        scores, about = self._stored(folder, split, seed)
        samples = self.root / about["reads"]["samples"]
        table = read_samples(samples)
        ids = table.ids_of(table.rows(split))
        if len(ids) != len(scores):
            raise InputError(
                f"{folder / SCORES_FILE}: scores {len(scores)} images of split '{split}', expected "
                f"{len(ids)}, those of {samples}; re-run `dvc repro train`"
            )
        columns = pl.DataFrame(scores, schema=about["names"])
        return pl.DataFrame({"sample_id": ids}).hstack(columns)

    def _stored(
        self, folder: Path, split: str, seed: int | None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Return the scores of a split, and what the weights say, such as the names of columns."""
        path = folder / SCORES_FILE
        with SCORES.opened(path) as (file, header):
            key = f"{header['seeds'][0] if seed is None else seed}/{split}/logits"
            if key not in file.keys():  # noqa: SIM118 - safetensors has no `in`
                known = ", ".join(sorted(k for k in file.keys() if k.endswith("/logits")))  # noqa: SIM118
                raise InputError(f"{path}: has no {key}, expected one of {known}")
            scores = file.get_tensor(key)
        with WEIGHTS.opened(folder / WEIGHTS_FILE) as (_, about):
            return scores, about

    def folder(self, run: str) -> Path:
        """Return the folder of a run.

        Raises:
            InputError: there is no such run.
        """
        if run not in self.runs:
            raise InputError(
                f"{self.root / TRAINED}: no run '{run}'{nearest(run, self.runs)}; run `dvc repro "
                "train` or `dvc pull`"
            )
        return self.root / TRAINED / run


def open_project(root: str | Path = ".") -> Project:
    """Open a checkout."""
    return Project(Path(root))


def load(
    run: str | Path,
    root: str | Path | None = None,
    *,
    seed: int | None = None,
    device: str | None = None,
) -> Recogniser:
    """Load a trained run.

    Args:
        run: its name, or its folder.
        root: the checkout, where the paths of what it reads begin; None is the one that the folder
            lies in, or the current folder.
        seed: one of the run's; None is the first.
        device: "cpu" or "cuda"; None is what the stages would use.

    Raises:
        InputError: there is no such run or seed; its file is damaged, older than this version or
            of another method; or the vision-language model that it starts from has changed.
    """
    folder, home = _place(run, root)
    return restored(folder / WEIGHTS_FILE, home, seed=seed, device=device)


def _place(run: str | Path, root: str | Path | None) -> tuple[Path, Path]:
    """Return the folder of a run, and the checkout."""
    folder = Path(run)
    if len(folder.parts) == 1 and not (folder / WEIGHTS_FILE).exists():
        project = open_project(root or ".")
        return project.folder(str(run)), project.root
    return folder, _checkout(folder) if root is None else Path(root)


def _checkout(folder: Path) -> Path:
    """Return the checkout that a run's folder lies in, or the current folder."""
    whole = folder.resolve()
    inside = whole.parent.parts[-len(TRAINED.parts) :] == TRAINED.parts
    return whole.parents[len(TRAINED.parts)] if inside else Path()
