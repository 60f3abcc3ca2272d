"""A run of which nothing was chosen on val."""

from pipeline_lib.artifacts.thresholds import Thresholds
from pipeline_lib.targets import Target


def nothing_chosen(target: Target) -> Thresholds:
    return Thresholds(
        run="mine",
        target=target,
        rule="",
        names=(),
        split="val",
        images=0,
        positives=(),
        least_positives=10,
        refused="there is no val split",
        seeds={},
    )
