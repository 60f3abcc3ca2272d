"""Keys that came after a params.yaml was written."""

import pytest

from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.migration.keys import Keys
from pipeline_lib.project.migration.later import LATER, add_later
from tests.presets import default_document


def test_a_key_that_lacks_is_added_and_said():
    notes: list[str] = []
    values = {"labels": {"width": 0}, "prior": "none", "reasoning": {"scale": "paper"}}
    add_later(Keys("mine", values, notes), "dlsa")
    assert values == {
        "labels": {"width": 0, "output": "linear"},
        "prior": "none",
        "reasoning": {"scale": "paper", "placebo": "none"},
    }
    assert notes == [
        "mine.labels.output: linear, as it was before there was a choice",
        "mine.reasoning.placebo: none, as it was before there was a choice",
    ]


@pytest.mark.parametrize("method", LATER)
def test_they_are_keys_of_the_method(method):
    assert method in METHODS
    for place in LATER[method]:
        found = default_document()[method]
        for name in place.split("."):
            found = found[name]
