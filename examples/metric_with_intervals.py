"""Judge scores of your own by the metrics of the pipeline, with paired 95 % intervals."""

import numpy as np

from pipeline_lib.evaluation.judge import difference, judge
from pipeline_lib.evaluation.resampled import Rules, Truth
from pipeline_lib.evaluation.resamples import Resamples

rng = np.random.default_rng(0)
carried = rng.random((500, 8)) < 0.25  # (images, tags)
weak = carried + rng.normal(0, 1.0, (1, 500, 8))  # (seeds, images, tags)
better = carried + rng.normal(0, 0.8, (1, 500, 8))

truth = Truth(carried, ignored=np.zeros_like(carried))
rules = Rules(top_k=[3], threshold=0.5, empty="skip")
resamples = Resamples.drawn(len(truth.carried), draws=1000, seed=0)
ours, theirs = (judge(s, truth, "tags", rules, resamples) for s in (better, weak))

for measure in list(ours.draws)[:4]:
    found = ours.estimate(measure)
    gain = difference(measure, ours.draws[measure], theirs.draws[measure])  # in the same resamples
    shown = "not shown" if gain.covers_zero else "shown"
    print(
        f"{measure.title}: {found.value:.3f} [{found.low:.3f}, {found.high:.3f}], gain "
        f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}], {shown}"
    )
