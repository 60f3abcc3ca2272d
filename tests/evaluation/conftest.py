"""One thread for t-SNE, as in the stage: small sums are slow to share between many."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.evaluation.resampled import Rules, Seed, Truth, Weighed
from pipeline_lib.evaluation.resamples import Resamples


@pytest.fixture(autouse=True)
def _one_numeric_thread() -> Iterator[None]:
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def formed() -> Callable[..., dict[str, np.ndarray]]:
    """Form every metric of a target in some resamples, by default the images as they are."""

    def form(scores, truth, *, target="tags", counts=None, ignored=None, choice=None, **rules):
        counts = np.ones((1, len(truth)), int) if counts is None else counts
        ignored = np.zeros_like(truth) if ignored is None else ignored
        rules = Rules(**{"top_k": [1], "threshold": 0.5, "empty": "skip"} | rules)
        weighed = Weighed(Seed(scores, Truth(truth, ignored), rules, choice), Resamples(counts.T))
        mixed = rules.unseen is not None
        found = measures(target, rules.top_k, chosen=choice is not None, generalised=mixed)
        return {m.name: m.metric.formula(weighed, m.cut) for m in found}

    return form
