"""What is said of a model of source ``lit``."""

import pytest

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.reporting.sections.open_vocabulary import learned

FOUND = {str(rank): {"value": value, "low": 0.0, "high": 1.0} for rank, value in
         ((1, 0.2), (5, 0.45), (10, 0.6))}  # fmt: skip
METRICS = {
    "train": {"images": 50, "with_captions": 48, "used": 48, "captions": 240},
    "val": {"images": 5, "with_captions": 5, "used": 5, "captions": 25},
    "classes": 9, "start": "ridge", "anchors": 9, "epochs": 5, "kept_epoch": 3, "recall": FOUND,
}  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), [
    ({}, "48 images with 240 captions, 2 without; a ridge start of 9 class names; 9 class names as "
         "further pairs; epoch 4 of 5 kept; 20.0 / 45.0 / 60.0 % of val's captions find their "
         "image among 1 / 5 / 10"),
    ({"classes": 0, "start": "random", "anchors": 0, "recall": None},
     "48 images with 240 captions, 2 without; a random start; the trunk's classes have no names; "
     "epoch 4 of 5 kept; no captions of val to judge by"),
])  # fmt: skip
def test_the_report_says_what_was_learned_from_what(tmp_path, changes, said):
    write_json(tmp_path / "metrics.json", METRICS | changes)
    assert learned(tmp_path) == said


def test_of_another_source_nothing_is_said(tmp_path):
    assert learned(tmp_path) == ""
