"""The few numbers of a run that DVC's tables show; all others are in details.json.

One metric sums a run up, the first that its target is judged by (evaluation/metrics.py). DVC makes
a column of every name, so that runs share them:

test, test_low, test_high         the test split and its 95 % interval
unseen, unseen_low, unseen_high   the unseen tags alone (ZSL), of runs that score them
val, …                            other splits, as many as fit
"""

from collections.abc import Mapping

from pipeline_lib.evaluation.view_names import ZSL, is_zero_shot, name_of

MOST = 8
TEST, VAL = "test", "val"


def brief(metrics: Mapping[str, Mapping[str, float]], metric: str) -> dict[str, float]:
    """Pick at most ``MOST`` values out of the metrics of every split and view."""
    found: dict[str, float] = {}
    for name, view in ((TEST, TEST), ("unseen", name_of(TEST, ZSL))):
        if view in metrics:
            ends = {f"{name}{end}": metrics[view][f"{metric}{end}"] for end in ("_low", "_high")}
            found |= {name: metrics[view][metric]} | ends
    splits = [name for name in metrics if not is_zero_shot(name) and name != TEST]
    for split in sorted(splits, key=lambda name: (name != VAL, name))[: MOST - len(found)]:
        found[split] = metrics[split][metric]
    return found
