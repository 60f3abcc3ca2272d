"""Predicting: from a trained run and pictures anywhere to a table, and what it is a table of."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import torch

from pipeline_lib.api.scorer import Scorer
from pipeline_lib.closure import code_digest
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.parallel import workers
from pipeline_lib.prediction.deciding import Decision, decide
from pipeline_lib.prediction.scoring import Scoring
from pipeline_lib.prediction.sources import Pictures
from pipeline_lib.prediction.table import Layout
from pipeline_lib.prediction.writing import frames, tracked, write_predictions
from pipeline_lib.progress import Track, silent
from pipeline_lib.steps.train.loading import modules_of

TOP = 5
MAX_PIXELS = 89_478_485  # Pillow's own limit against decompression bombs


@dataclass(frozen=True)
class Options:
    """What a table of predictions shows."""

    top: int = TOP
    threshold: float | None = None  # of a tag's probability; None: as chosen on val
    probabilities: bool = False  # of every name
    scores: bool = False  # likewise
    max_pixels: int = MAX_PIXELS  # of a picture; larger ones get a reason


@dataclass(frozen=True)
class Prediction:
    """Pictures that a run is going to be asked about."""

    run: Scorer
    pictures: Pictures
    options: Options = Options()

    def write(self, out: Path, track: Track = silent) -> dict[str, int]:
        """Write a .csv or .parquet; see ``write_predictions``."""
        return write_predictions(
            out, self._scoring, self.layout, key=self._key, about=self.about, track=track
        )

    def frames(self, track: Track = silent) -> Iterator[pl.DataFrame]:
        """Yield the rows, some at a time; nothing is kept."""
        chunks = tracked(self.pictures, self._key, track)
        yield from (frame for _, frame in frames(chunks, self._scoring, self.layout))

    @cached_property
    def decision(self) -> Decision:
        """What decides for tags.

        Raises:
            InputError: see ``decide``.
        """
        return decide(self.run, self.options.threshold)

    @property
    def layout(self) -> Layout:
        """The columns."""
        run, wanted = self.run, self.options
        return Layout(
            run.names,
            exclusive=run.exclusive,
            top=wanted.top,
            cuts=self.decision.cuts,
            temperature=self.decision.temperature,
            probabilities=wanted.probabilities,
            scores=wanted.scores,
        )

    @property
    def remarks(self) -> list[str]:
        """Sentences for who asks: which seed, and what is no picture."""
        run, others = self.run, self.pictures.left_out()
        several = f" of {', '.join(map(str, run.seeds))}" if len(run.seeds) > 1 else ""
        said = [
            f"run '{run.run}' ({run.method}), seed {run.seed}{several}: {len(run.names)} "
            f"{run.target}, on {run.device}; {self.decision.remark}"
        ]
        if self.run.together:
            said.append(f"{run.method}: {self._depends}")
        return said + [f"{others} other files are no pictures by their names"] * bool(others)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the table is of, as JSON values."""
        run = self.run
        return {
            "run": run.run,
            "method": run.method,
            "seed": run.seed,
            "weights": file_digest(run.weights),
            "target": run.target,
            "names": list(run.names),
            "pictures": len(self.pictures),
            "other_files": self.pictures.left_out(),
            "names_not_trained": [n for n in run.names if n not in set(run.trained_names)],
            "decided_by": self.decision.remark,
            "depends_on_names": self._depends,
        }

    @property
    def _depends(self) -> str:
        """Say what a score or a probability owes to the other names."""
        if self.run.together:
            return "a score depends on the names that are asked together: another list gives others"
        if self.run.exclusive:
            return "a probability is a share among these classes"
        return "no score depends on the other names"

    @property
    def _scoring(self) -> Scoring:
        threads = workers() + (self.run.device != "cpu")
        return Scoring(self.run, self.pictures, self.options.max_pixels, threads)

    @property
    def _key(self) -> str:
        """Name all that decides a row beside the picture."""
        fit, _ = modules_of(self.run.method)
        about = {k: v for k, v in self.about.items() if k not in ("pictures", "other_files")}
        found = self.decision
        cuts = None if found.cuts is None else found.cuts.tolist()
        code = code_digest(__name__, fit)
        decided = [vars(self.options), cuts, found.temperature]
        return digest([about, decided, code, torch.__version__, self.run.device])
