"""What a run says of pictures as a table: a row each, whether it could be read or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from scipy.special import expit, softmax

from pipeline_lib.datasets.decoding import Failure
from pipeline_lib.datasets.label_names import some
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.decisions import exceeding
from pipeline_lib.prediction.scoring import Outcome

SEPARATOR = ";"  # of the tags of a cell, in CSV
ID, REASON, DETAIL = "id", "reason", "detail"
TAGS, OF_TAGS = "tags", "tag_probabilities"


@dataclass(frozen=True)
class Layout:
    """Which columns there are, and what decides for a tag.

    id; ``top`` columns with names, the likeliest first, and their probabilities; of tags those that
    are decided for, likeliest first, and their probabilities; where they are wanted, a column
    ``probability NAME`` or ``score NAME`` for every name; of a picture that cannot be used
    ``reason``, short and countable, and ``detail``.
    """

    names: Sequence[str]  # in the order of the scores
    exclusive: bool  # whether a picture is of one of them: softmax and no decision, else sigmoids
    top: int
    cuts: np.ndarray | None  # (names,), the score above which a tag is decided for
    temperature: float = 1.0  # that scores of classes are divided by
    probabilities: bool = False  # whether all are wanted
    scores: bool = False  # likewise

    @property
    def places(self) -> range:
        """The places of the likeliest names, from 1."""
        return range(1, min(self.top, len(self.names)) + 1)

    @cached_property
    def dtypes(self) -> dict[str, pl.DataType]:
        """The columns."""
        text, number = pl.String(), pl.Float32()
        found: dict[str, pl.DataType] = {ID: text}
        for place in self.places:
            found |= {f"top_{place}": text, f"top_{place}_probability": number}
        if self.cuts is not None:
            found |= {TAGS: pl.List(text), OF_TAGS: pl.List(number)}
        for wanted, what in ((self.probabilities, "probability"), (self.scores, "score")):
            found |= {f"{what} {name}": number for name in self.names if wanted}
        return found | {REASON: text, DETAIL: text}

    def frame(self, ids: Sequence[str], outcomes: Sequence[Outcome]) -> pl.DataFrame:
        """Return the rows of some pictures, in their order."""
        good = np.array([not isinstance(outcome, Failure) for outcome in outcomes], bool)
        scored = [outcome for outcome in outcomes if not isinstance(outcome, Failure)]
        failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
        scores = np.stack(scored) if scored else np.zeros((0, len(self.names)), np.float32)
        used = pl.DataFrame(self._columns(scores), schema=self._of_scores)
        lost = pl.DataFrame(
            {REASON: [f.reason for f in failures], DETAIL: [f.detail for f in failures]},
            schema={REASON: pl.String, DETAIL: pl.String},
        )
        rows = pl.concat([used, lost], how="diagonal")
        order = np.empty(len(good), np.int64)
        order[good] = np.arange(good.sum())
        order[~good] = good.sum() + np.arange((~good).sum())
        named = rows[order].insert_column(0, pl.Series(ID, ids, pl.String))
        return named.select(list(self.dtypes))

    @property
    def _of_scores(self) -> dict[str, pl.DataType]:
        return {k: v for k, v in self.dtypes.items() if k not in (ID, REASON, DETAIL)}

    def _columns(self, scores: np.ndarray) -> dict[str, pl.Series]:
        order = np.argsort(-scores, axis=1, kind="stable")  # of equal ones the first
        believed = beliefs(scores, self.temperature if self.exclusive else None)
        names = np.array(self.names, object)
        found = {}
        for place in self.places:
            best = order[:, place - 1]
            found[f"top_{place}"] = pl.Series(names[best].tolist(), dtype=pl.String)
            likely = np.take_along_axis(believed, best[:, None], 1)[:, 0]
            found[f"top_{place}_probability"] = pl.Series(likely)
        if self.cuts is not None:
            decided = exceeding(scores, self.cuts)
            chosen = [row[own[row]] for row, own in zip(order, decided, strict=True)]
            values = [own[row].tolist() for row, own in zip(chosen, believed, strict=True)]
            tags = [names[row].tolist() for row in chosen]
            found[TAGS] = pl.Series(tags, dtype=pl.List(pl.String))
            found[OF_TAGS] = pl.Series(values, dtype=pl.List(pl.Float32))
        every = ((self.probabilities, "probability", believed), (self.scores, "score", scores))
        for wanted, what, numbers in every:
            columns = zip(self.names, numbers.T, strict=True) if wanted else ()
            found |= {f"{what} {name}": pl.Series(column) for name, column in columns}
        return found


def beliefs(scores: np.ndarray, temperature: float | None) -> np.ndarray:
    """Return probabilities (images, names): softmax at a temperature, or with None sigmoids."""
    found: np.ndarray = (
        expit(scores) if temperature is None else softmax(scores / temperature, axis=1)
    )
    return found.astype(np.float32)


def refuse_separator(names: Sequence[str]) -> None:
    """Do nothing where CSV can hold the names of several tags in a cell.

    Raises:
        InputError: a name holds what parts them.
    """
    wrong = [name for name in names if SEPARATOR in name]
    if wrong:
        raise InputError(
            f"tags: {some(wrong)} hold '{SEPARATOR}', which parts the tags of a cell in CSV; "
            "expected names without it; write Parquet, as `--out predictions.parquet`"
        )


def as_csv(frame: pl.DataFrame, *, header: bool) -> str:
    """Return rows as CSV: lists parted by ";", numbers with six decimals."""
    if OF_TAGS in frame.columns:
        listed = [
            None if row is None else SEPARATOR.join(f"{value:.6f}" for value in row)
            for row in frame[OF_TAGS].to_list()
        ]
        frame = frame.with_columns(
            pl.col(TAGS).list.join(SEPARATOR), pl.Series(OF_TAGS, listed, pl.String)
        )
    return frame.write_csv(include_header=header, float_precision=6)
