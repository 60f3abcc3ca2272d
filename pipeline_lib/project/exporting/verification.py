"""Whether an exported network says of held-out pictures what the run said."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pipeline_lib.api import Recogniser
from pipeline_lib.api.runs import SCORES_FILE
from pipeline_lib.api.scorer import Scorer
from pipeline_lib.artifacts.exported import Verified
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.datasets.images import Images
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.embedding import spread_choice

IMAGES_FILE = "images.safetensors"  # beside the samples
PICTURES = 64  # that are compared at most, at even steps
TOLERANCE = 1e-4  # of scores, relative to the larger of 1 and their size
FIRST = (1, 5)  # pictures of the first batches: a graph has to hold for any number
STORED, OWN = "stored scores", "the run's own"


def verify(run: Recogniser, exported: Scorer, tolerance: float) -> Verified:
    """Compare scores of some pictures that were held out.

    Args:
        run: what was exported, as it is asked.
        exported: the same, opened again.
        tolerance: of a score, relative to the larger of 1 and its size.

    Raises:
        InputError: they differ by more, or the pictures or stored scores are gone.
    """
    table = read_samples(run.reads["samples"])
    split = TEST if TEST in table.splits else table.evaluation_splits[0]
    rows = table.rows(split)
    some = spread_choice(len(rows), PICTURES)
    images = Images(run.reads["samples"].with_name(IMAGES_FILE), table.samples)
    pictures = images.pixels(rows[some].tolist())
    found = np.concatenate([_scores(exported, pictures[start:end]) for start, end in _ends(some)])
    against, expected = _expected(run, split, some, pictures)
    difference = float((np.abs(found - expected) / np.maximum(1, np.abs(expected))).max())
    if not difference <= tolerance:
        raise InputError(
            f"run '{run.run}': scores of the exported network differ from {against} by "
            f"{difference:.1e} on {len(some)} pictures of '{split}', expected at most "
            f"{tolerance:g}; if that is close enough, name a larger --tolerance (a run that was "
            "trained on another device or in lower precision rounds otherwise)"
        )
    return Verified(
        pictures=len(some),
        split=split,
        against=against,
        largest_difference=difference,
        tolerance=tolerance,
    )


def _ends(some: np.ndarray) -> list[tuple[int, int]]:
    """Return where batches begin and end: of one picture, of five, and of the rest."""
    ends = np.minimum(np.cumsum([0, *FIRST, len(some)]), len(some)).tolist()
    return [(a, b) for a, b in pairwise(ends) if a < b]


def _scores(scorer: Scorer, pictures: Sequence[np.ndarray]) -> np.ndarray:
    found: np.ndarray = scorer.score_images(pictures).logits.numpy()
    return found


def _expected(
    run: Recogniser, split: str, some: np.ndarray, pictures: Sequence[np.ndarray]
) -> tuple[str, np.ndarray]:
    """Return what scores have to be, and whose they are: stored, where a name has some."""
    place = {name: column for column, name in enumerate(run.trained_names)}
    own = [column for column, name in enumerate(run.names) if name in place]
    if run.together and run.names != run.trained_names:
        own = []
    if len(own) == len(run.names):
        return STORED, _stored(run, split, some)[:, [place[name] for name in run.names]]
    scores = _scores(run, pictures)
    if not own:
        return OWN, scores
    scores[:, own] = _stored(run, split, some)[:, [place[run.names[column]] for column in own]]
    return f"{STORED}, or of other names {OWN},", scores


def _stored(run: Recogniser, split: str, some: np.ndarray) -> np.ndarray:
    path = run.weights.with_name(SCORES_FILE)
    with SCORES.opened(path) as (file, _):
        found: np.ndarray = file.get_tensor(f"{run.seed}/{split}/logits")[some]
        return found
