"""The views of one split: which labels are judged, by which scores."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import VAL
from pipeline_lib.artifacts.thresholds import Choice, Thresholds
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.view_names import (
    FAR,
    GZSL,
    WITHOUT_TWINS,
    ZSL,
    name_of,
    split_of,
    twins,
)
from pipeline_lib.params.evaluation import Tags
from pipeline_lib.steps.evaluate.scored import Scored


@dataclass(frozen=True)
class View:
    """Scores and truth of the labels that one view judges."""

    scored: Scored  # named as the view
    kinds: pl.DataFrame  # rows of the table of categories, in the order of the columns
    alone: bool = False  # whether scores are of a call for the unseen labels alone

    def choices(self, found: Thresholds) -> list[Choice]:
        """Return what holds here of what was chosen on val, for each seed.

        Nothing holds on val, which it was made of, nor where unseen tags are scored in a call for
        them alone: those are other scores.
        """
        name, split = self.scored.name, split_of(self.scored.name)
        if split == VAL or name not in (split, name_of(split, GZSL)):
            return []
        labels = self.kinds["index"].to_list()
        return [choice.of_labels(labels) for choice in found.seeds.values()]


def views_of_split(split: Scored, tags: pl.DataFrame, params: Tags) -> Iterator[View]:
    """Yield the split of tags as it is always judged, and where there are zero-shot scores others.

    Args:
        split: the scores of all tags, in index order.
        tags: every tag, in index order.
        params: which tags the split itself is judged by, and which are first in GZSL.

    Raises:
        InputError: the zero-shot scores do not fit the unseen tags.
    """
    kept = tags.filter(pl.col("seen")) if params.judged == "seen" else tags
    yield View(split.of(kept["index"].to_numpy()), kept)
    unseen = tags.filter(~pl.col("seen"))
    numbers = unseen["index"].to_numpy()
    if split.zsl is None or not split.truth[:, numbers].any():
        return
    zsl = _zero_shot(split, numbers, split.zsl)
    yield View(zsl, unseen, alone=True)
    names = unseen["name"].to_list()
    twin = twins(names, tags.filter(pl.col("seen"))["name"].to_list())
    yield from _some(zsl, unseen, ~unseen["name"].is_in(list(twin)), WITHOUT_TWINS, params)
    yield from _some(zsl, unseen, unseen["far"].fill_null(value=False), FAR, params)
    yield _generalised(split, tags, params.gzsl_order)


def _zero_shot(split: Scored, numbers: np.ndarray, scores: Sequence[np.ndarray]) -> Scored:
    width = scores[0].shape[1]
    if width != len(numbers):
        raise InputError(
            f"evaluation: '{split.name}' has zero-shot scores of {width} tags, expected "
            f"{len(numbers)}, the unseen ones of categories.parquet; re-run `dvc repro train`"
        )
    view = replace(split.of(numbers), name=name_of(split.name, ZSL))
    return replace(view, scores=scores)


def _some(
    zsl: Scored, unseen: pl.DataFrame, kept: pl.Series, kind: str, params: Tags
) -> Iterator[View]:
    """Yield the view of some of the unseen labels, where they are not all and enough.

    The others are left out of the ranking too, as if nobody had asked for them.
    """
    some = np.flatnonzero(kept.to_numpy())
    if not kept.all() and len(some) >= min(params.top_k) and zsl.truth[:, some].any():
        split = zsl.name.removesuffix(name_of("", ZSL))
        named = replace(zsl.of(some), name=name_of(split, kind))
        yield View(named, unseen.filter(kept), alone=True)


def _generalised(split: Scored, tags: pl.DataFrame, order: str) -> View:
    """Return the view of all labels, seen or unseen ones first: equal scores rank by position."""
    tags = tags.sort("seen", "index", descending=[order == "seen_first", False])
    scored = split.of(tags["index"].to_numpy())
    return View(replace(scored, name=name_of(split.name, GZSL)), tags)
