import json
import math
import re

import pytest

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.thresholds import (
    Choice,
    Thresholds,
    read_thresholds,
    write_thresholds,
)
from pipeline_lib.errors import InputError

FOUND = Thresholds(
    run="mine",
    target="tags",
    rule="by F1",
    names=("boat", "cup"),
    split="val",
    images=40,
    positives=(12, 3),
    least_positives=10,
    seeds={0: Choice(threshold=25.25, by_label=(26.5, 25.25), on_val={"overall_f1": 0.5})},
)


def test_thresholds_come_back(tmp_path):
    write_thresholds(path := tmp_path / "new" / "thresholds.json", FOUND)
    found = read_thresholds(path)
    assert found == FOUND
    assert found.of(0).by_label == (26.5, 25.25)
    assert found.own == (True, False)


def test_thresholds_are_told_as_probabilities_by_name():
    logits = [math.log(p / (1 - p)) for p in (0.25, 0.9)]
    choice = Choice(threshold=logits[1], by_label=logits)
    found = FOUND.model_copy(update={"seeds": {0: choice}}).probabilities(0)
    assert found == pytest.approx({"boat": 0.25, "cup": 0.9})
    classes = FOUND.model_copy(update={"seeds": {0: Choice(temperature=2.0)}})
    assert classes.probabilities(0) == {}


def test_a_seed_that_was_not_trained_is_refused():
    message = "run 'mine': no thresholds of seed 4, expected one of 0; re-run `dvc repro evaluate`"
    with pytest.raises(InputError, match=re.escape(message)):
        FOUND.of(4)


def test_where_nothing_was_chosen_the_reason_is_told():
    refused = FOUND.model_copy(update={"refused": "there is no val split", "seeds": {}})
    message = "nothing was chosen on 'val': there is no val split; name a threshold yourself"
    with pytest.raises(InputError, match=message):
        refused.of(0)


def test_a_missing_file_names_the_stage(tmp_path):
    with pytest.raises(InputError, match=r"thresholds.json: missing; run `dvc repro evaluate`"):
        read_thresholds(tmp_path / "thresholds.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version: Input should be 1, expected thresholds of version 1"),
        ({"positives": [1]}, "positives has 1 entries for 2 names, expected"),
        ({"more": 1}, "more: Extra inputs are not permitted, expected"),
        ({"seeds": {"0": {"by_label": [1.0]}}}, "seeds.0.by_label has 1 entries for 2 names"),
        ({"seeds": {"0": {"temperature": 0}}}, "temperature: Input should be greater than 0"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, change, message):
    path = tmp_path / "thresholds.json"
    write_thresholds(path, FOUND)
    write_json(path, json.loads(path.read_text()) | change)
    with pytest.raises(InputError, match=re.escape(message)):
        read_thresholds(path)
