"""Labels that may be wrong, ranked by what a classifier that has not seen the image says of them.

C. G. Northcutt, L. Jiang, I. L. Chuang: Confident learning: estimating uncertainty in dataset
labels. Journal of Artificial Intelligence Research 70 (2021).

paper       here            is
p̂(ỹ=i;x)    probability     of a label, out of fold
t_j         thresholds      mean probability of label j over the images that carry it (Eq. 2)
C_ỹ,y*      disagreements   its off-diagonal, counted (Eq. 1)
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.quality import SUSPECTS
from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.clustering.neighbours import Neighbours
from pipeline_lib.steps.quality.out_of_fold import Judged
from pipeline_lib.targets import Target

WRONG, MISSING = "wrong", "missing"


@dataclass(frozen=True)
class Doubted:
    """Labels in the order of doubt, the likeliest to be wrong first; -1 where there is none."""

    kind: str
    place: np.ndarray  # (doubted,) rows of Judged
    given: np.ndarray  # columns of Judged
    suggested: np.ndarray


def wrong_classes(judged: Judged, carried: np.ndarray, listed: int) -> Doubted:
    """Rank images by the probability of their class, the self-confidence of Sec. 3.2.

    Of self-confidence, the normalised margin and both relative to thresholds, it finds most planted
    errors (docs/log.md).

    Args:
        judged: the images.
        carried: bool, as ``judged.probability``: one class each.
        listed: how many to return.
    """
    own = carried.argmax(1)
    rows = np.arange(len(own))
    belief = judged.probability[rows, own]
    others = np.where(carried | np.isnan(judged.probability), -1.0, judged.probability)
    place = _lowest(belief, listed)
    return Doubted(WRONG, place, own[place], others.argmax(1)[place] if len(own) else own)


def doubted_tags(
    judged: Judged, carried: np.ndarray, said: np.ndarray, listed: int
) -> tuple[Doubted, Doubted]:
    """Rank tags that are carried by how unlikely they are, and others by how likely.

    Args:
        judged: the images.
        carried: bool, as ``judged.probability``.
        said: bool, alike: False where the data set leaves open whether the tag is carried.
        listed: how many to return of either.
    """
    found = []
    for kind, is_carried in ((WRONG, True), (MISSING, False)):
        belief = judged.probability if is_carried else 1 - judged.probability
        order = _lowest(np.where((carried == is_carried) & said, belief, np.nan).ravel(), listed)
        place, tag = np.unravel_index(order, carried.shape)
        none = np.full(len(order), -1)
        given, suggested = (tag, none) if is_carried else (none, tag)
        found.append(Doubted(kind, place, given, suggested))
    return found[0], found[1]


def disagreements(judged: Judged, carried: np.ndarray) -> int:
    """Count the images that confidently belong to another class than theirs (Eq. 1).

    An image counts for the likeliest class among those whose threshold its probability reaches.
    """
    known = ~np.isnan(judged.probability)
    own = carried & known
    sums = np.where(own, judged.probability, 0).sum(0)
    thresholds = np.divide(sums, own.sum(0), out=np.full(own.shape[1], np.inf), where=own.any(0))
    reached = np.where(known & (judged.probability >= thresholds), judged.probability, -1.0)
    confident = (reached >= 0).any(1) & own.any(1)
    return int((reached.argmax(1) != carried.argmax(1))[confident].sum())


def suspect_frame(
    table: Labelled,
    target: Target,
    judged: Judged,
    doubted: Doubted,
    found: Neighbours,
    *,
    learnt: bool,
) -> pl.DataFrame:
    """Return what is doubted as rows of SUSPECTS."""
    rows = judged.rows[doubted.place]
    columns = (doubted.given, doubted.suggested)
    given, suggested = (_probability(judged, doubted, column) for column in columns)
    own = np.where(np.isnan(given), 1 - suggested, given)
    rival = np.where(np.isnan(suggested), 1 - given, suggested)
    names = np.array([*(table.names(target)[i] for i in judged.labels), None], object)
    near, ids, splits = found.rows[rows], np.array(table.ids, object), table.samples["split"][rows]
    return pl.DataFrame(
        {
            "target": [target] * len(rows),
            "kind": [doubted.kind] * len(rows),
            "rank": np.arange(1, len(rows) + 1, dtype=np.int32),
            "sample_id": ids[rows].tolist(),
            "split": splits,
            "given": names[doubted.given].tolist(),
            "suggested": names[doubted.suggested].tolist(),
            "given_probability": pl.Series(given).fill_nan(None),
            "suggested_probability": pl.Series(suggested).fill_nan(None),
            "margin": own - rival,
            "neighbours": [ids[some].tolist() for some in near],
            "neighbour_labels": [[table.label(i, target) for i in some] for some in near.tolist()],
            "learnt": (splits == TRAIN) & learnt,
        },
        schema=SUSPECTS.dtypes,
    )


def _probability(judged: Judged, doubted: Doubted, column: np.ndarray) -> np.ndarray:
    """Return the probabilities of some labels; NaN where there is none."""
    if not len(column):
        return np.zeros(0)
    found: np.ndarray = np.where(column < 0, np.nan, judged.probability[doubted.place, column])
    return found.clip(0, 1)


def _lowest(values: np.ndarray, listed: int) -> np.ndarray:
    """Return where the lowest values are, the lowest first; NaN is none."""
    order = np.argsort(values, kind="stable")[: (~np.isnan(values)).sum()]
    return order[:listed]
