"""What ``report`` writes beside its page: every run compared with its references."""

import dataframely as dy

from pipeline_lib.artifacts.table import Table


class Comparison(dy.Schema):
    """One row per run, split, metric and reference. Intervals hold 95 %."""

    run = dy.String(primary_key=True, min_length=1)
    split = dy.String(primary_key=True, min_length=1)  # or a view of it: evaluation/view_names.py
    metric = dy.String(primary_key=True, min_length=1)  # a name of evaluation/metrics.py
    reference = dy.String(primary_key=True)  # a run; "" where it is compared with none
    value = dy.Float64()  # mean over seeds
    low = dy.Float64()
    high = dy.Float64()
    # This run − the reference, on the same images; null without one.
    difference = dy.Float64(nullable=True)
    difference_low = dy.Float64(nullable=True)
    difference_high = dy.Float64(nullable=True)
    covers_zero = dy.Bool(nullable=True)  # True: no difference was shown


COMPARISON = Table(Comparison, stage="report", version=2)  # 2: reference
