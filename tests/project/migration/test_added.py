"""Keys that came after a params.yaml was written."""

import pytest

from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.migration.added import OF_METHODS, add
from pipeline_lib.project.migration.keys import Keys
from tests.presets import default_document


def test_a_key_that_lacks_is_added_and_said():
    notes: list[str] = []
    values = {"labels": {"width": 0}, "prior": "none", "reasoning": {"scale": "paper"}}
    add(Keys("mine", values, notes), OF_METHODS["dlsa"])
    assert values == {
        "labels": {"width": 0, "output": "linear"},
        "prior": "none",
        "reasoning": {"scale": "paper", "placebo": "none"},
    }
    assert notes == [
        "mine.labels.output: added, linear as it was",
        "mine.reasoning.placebo: added, none as it was",
    ]


@pytest.mark.parametrize(("causal", "removal"), [(True, "behind"), (False, "paper")])
def test_what_a_key_was_may_depend_on_the_section(causal, removal):
    values = {"modules": {"causal": causal}}
    add(Keys("mine", values, []), {"masks": OF_METHODS["vscnet"]["masks"]})
    assert values["masks"] == {"removal": removal, "strata": 0}


@pytest.mark.parametrize("method", OF_METHODS)
def test_they_are_keys_of_the_method(method):
    assert method in METHODS
    for place in OF_METHODS[method]:
        found = default_document()[method]
        *above, last = place.split(".")
        for name in above:
            found = found[name]
        assert last in found or above == ["curriculum"]  # which is even there
