"""Sections of open-vocabulary methods."""

from pathlib import Path

import pytest

from pipeline_lib.params.section import checked, of
from pipeline_lib.steps.train.loading import load_settings
from tests.methods.toy_open import ROWS, c2srt, on, section_of
from tests.presets import default_document
from tests.settled import settled

SECTIONS = {name: load_settings(name) for name in ("c2srt", "clip", "clip_ft", "mkt")}
# place, values at and inside the bounds, values just outside them
BOUNDS = [
    ("mkt.top_k", [1, 16], [0, 1.5]),
    ("c2srt.isr.alpha", [0.001, 1], [0, 1.1]),
    ("c2srt.isr.most", [1], [0]),
    ("c2srt.isr.temperature", [0.001, 2], [0]),
    ("c2srt.isr.pool", ["mean", "score_weighted"], ["max"]),
    ("c2srt.ist.relation",
     ["merged", "cooccurrence", "similarity", "llm", "wordnet", "random", "file"], ["glove"]),
    ("c2srt.ist.neighbours", [0, 16], [-1]),
    ("c2srt.ist.layers", [1], [0]),
    ("c2srt.ist.heads", [1], [0]),
    ("c2srt.ist.hidden", [1], [0]),
    ("c2srt.ist.slope", [0, 0.99], [-0.1, 1]),
    ("c2srt.ist.dropout", [0, 0.99], [-0.1, 1]),
    ("c2srt.ist.output", ["shortcut", "paper"], ["residual"]),
    ("c2srt.ist.chunk", [0, 1], [-1]),
]  # fmt: skip


@pytest.mark.parametrize("name", SECTIONS)
def test_the_sections_of_the_repository_load(name):
    assert of(SECTIONS[name], default_document(), name, Path("params.yaml"))


@pytest.mark.parametrize(("place", "inside", "outside"), BOUNDS, ids=[b[0] for b in BOUNDS])
def test_bounds_are_where_they_should_be(place, inside, outside):
    name, *keys = place.split(".")

    def changed(value):
        for key in reversed(keys):
            value = {key: value}
        return section_of(name, **value)

    for value in inside:
        assert settled(SECTIONS[name], changed(value))
    for value in outside:
        with pytest.raises(ValueError, match=keys[-1]):
            settled(SECTIONS[name], changed(value))


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_c2srts_table_3_switches_modules_off(row):
    found = c2srt(**ROWS[row])
    assert (found.isr is not None, found.ist is not None) == (on(row, "isr"), on(row, "ist"))


def test_what_trains_nothing_tunes_no_prompt_and_has_no_recipe():
    tuning = {"name": "tuning", "epochs": 2, "lr": 0.001}
    with pytest.raises(ValueError, match="'tuning' found using 'name' does not match"):
        checked(SECTIONS["clip"], section_of("clip", prompts=tuning))
    for key in ("student", "recipe", "distillation"):
        assert key not in section_of("clip")
