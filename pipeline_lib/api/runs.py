"""The runs of a checkout by name, each with what was stored of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.api.recogniser import Recogniser, restored
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest

TRAINED, EVALUATED = Path("data/artifacts/train"), Path("data/artifacts/evaluate")
WEIGHTS_FILE, SCORES_FILE, DETAILS_FILE = (
    "weights.safetensors",
    "scores.safetensors",
    "details.json",
)
ENDS = {"low": "_low", "high": "_high", "seed_std": "_seed_std"}  # of names in details.json


@dataclass(frozen=True)
class Run:
    """A trained run."""

    name: str
    root: Path  # the checkout

    @property
    def folder(self) -> Path:
        """Where its weights and scores are."""
        return self.root / TRAINED / self.name

    def load(self, *, seed: int | None = None, device: str | None = None) -> Recogniser:
        """Build the network that was scored; see ``pipeline_lib.api.load``."""
        return restored(self.folder / WEIGHTS_FILE, self.root, seed=seed, device=device)

    def scores(self, split: str = TEST, *, seed: int | None = None) -> pl.DataFrame:
        """Return the stored scores of a split: "sample_id", and a column per class or tag.

        Raises:
            InputError: there is no such seed or split, or the images are others by now.
        """
        scores, about = self._stored("logits", split, seed)
        return self._with_ids(split, about, pl.DataFrame(scores, schema=about["names"]))

    def features(self, split: str = TEST) -> pl.DataFrame:
        """Return what the first seed classified of a split: "sample_id" and "vector".

        Raises:
            InputError: there is no such split, or the images are others by now.
        """
        found, about = self._stored("features", split, None)
        kind = pl.Array(pl.Float32, found.shape[1])
        vectors = pl.Series("vector", found.astype(np.float32), dtype=kind)
        return self._with_ids(split, about, pl.DataFrame([vectors]))

    def metrics(self) -> pl.DataFrame:
        """Return how it was judged: "split", "metric", "value", "low", "high", "seed_std".

        ``low`` and ``high`` bound 95 % intervals over images, ``seed_std`` is the deviation between
        seeds; null where a metric has none. Splits are views too: "test@zsl".

        Raises:
            InputError: the run was not evaluated.
        """
        details = read_json(self.root / EVALUATED / self.name / DETAILS_FILE)
        rows = [
            {"split": split, "metric": metric, "value": values[metric]}
            | {column: values.get(f"{metric}{end}") for column, end in ENDS.items()}
            for split, values in details.items()
            if isinstance(values, dict)
            for metric in values
            if not any(metric.removesuffix(end) in values for end in _ends_of(metric))
        ]
        words = dict.fromkeys(("split", "metric"), pl.String())
        return pl.DataFrame(rows, schema=words | dict.fromkeys(("value", *ENDS), pl.Float64()))

    def _stored(self, what: str, split: str, seed: int | None) -> tuple[np.ndarray, dict[str, Any]]:
        """Return an array of a split, and what the weights say, such as the names of columns."""
        path = self.folder / SCORES_FILE
        with SCORES.opened(path) as (file, header):
            key = f"{header['seeds'][0] if seed is None else seed}/{split}/{what}"
            if key not in file.keys():  # noqa: SIM118 - safetensors has no `in`
                known = ", ".join(sorted(k for k in file.keys() if k.endswith(f"/{what}")))  # noqa: SIM118
                raise InputError(f"{path}: has no {key}, expected one of {known}")
            found = file.get_tensor(key)
        with WEIGHTS.opened(self.folder / WEIGHTS_FILE) as (_, about):
            return found, about

    def _with_ids(self, split: str, about: dict[str, Any], columns: pl.DataFrame) -> pl.DataFrame:
        samples = self.root / about["reads"]["samples"]
        table = read_samples(samples)
        ids = table.ids_of(table.rows(split))
        if len(ids) != len(columns):
            raise InputError(
                f"{self.folder / SCORES_FILE}: scores {len(columns)} images of split '{split}', "
                f"expected {len(ids)}, those of {samples}; re-run `dvc repro train`"
            )
        return pl.DataFrame({"sample_id": ids}).hstack(columns)


class NoRun(InputError, KeyError):
    """There is no such run; a mapping answers so."""

    __str__ = InputError.__str__  # KeyError's writes quotes around the message


@dataclass(frozen=True)
class Runs(Mapping[str, Run]):
    """The runs whose weights are there, by name, sorted."""

    root: Path

    def __getitem__(self, name: str) -> Run:
        """Return a run.

        Raises:
            InputError: there is no such run.
        """
        known = list(self)
        if name not in known:
            raise NoRun(
                f"{self.root / TRAINED}: no run '{name}'{nearest(name, known)}; run `dvc repro "
                "train` or `dvc pull`"
            )
        return Run(name, self.root)

    def __iter__(self) -> Iterator[str]:
        found = (self.root / TRAINED).glob(f"*/{WEIGHTS_FILE}")
        return iter(sorted(path.parent.name for path in found))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _ends_of(metric: str) -> list[str]:
    return [end for end in ENDS.values() if metric.endswith(end)]
