"""What a difference between two runs shows, in one word."""

from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metric import Measure

BETTER, WORSE, NOT_SHOWN, NO_VERDICT = "better", "worse", "no difference shown", "no verdict"
LEAST_IMAGES = 6  # of fewer, no two-sided sign test reaches 5 %: 2 · 0.5^5 = 6.25 %


def verdict(measure: Measure, difference: Estimate, images: int) -> str:
    """Judge a difference in a metric and its 95 % interval over ``images`` images."""
    if images < LEAST_IMAGES:
        return NO_VERDICT
    if difference.covers_zero:
        return NOT_SHOWN
    return BETTER if (difference.value > 0) == measure.metric.higher_is_better else WORSE
