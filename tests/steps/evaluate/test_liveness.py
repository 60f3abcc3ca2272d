"""Readings of several seeds in one table."""

from dataclasses import asdict
from pathlib import Path

import pytest

from pipeline_lib.artifacts.evaluation import LIVENESS
from pipeline_lib.steps.evaluate.liveness import liveness
from pipeline_lib.training.liveness import Reading


def seed(value: float, *, above: bool = True) -> list[dict]:
    return [
        asdict(reading)
        for reading in (
            Reading("correlation", "between labels", "A share.", "test", value, 0.1, above),
            Reading("loss", "distillation", "A gradient.", "train", 2 * value),
        )
    ]


def test_one_dead_seed_is_not_alive():
    table = LIVENESS.check(liveness([seed(0.3), seed(0.05)]), Path())
    first, second = table.iter_rows(named=True)
    assert first["value"] == pytest.approx(0.175)
    assert (first["least"], first["most"], first["alive"]) == (0.05, 0.3, False)
    assert second["module"] == "loss"
    assert second["alive"] is None  # no bar, no verdict


def test_living_may_be_below_the_bar():
    for above, alive in ((True, True), (False, False)):
        table = liveness([seed(0.3, above=above)])
        assert table["alive"].to_list() == [alive, None]


def test_a_method_without_readings_has_an_empty_table():
    assert LIVENESS.check(liveness([]), Path()).is_empty()
    assert LIVENESS.check(liveness([[], []]), Path()).is_empty()
