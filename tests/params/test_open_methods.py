"""Sections of open-vocabulary methods."""

import pytest

from pipeline_lib.params.c2srt import C2srt
from pipeline_lib.params.clip import Clip
from pipeline_lib.params.clip_ft import ClipFt
from pipeline_lib.params.mkt import Mkt
from tests.methods.toy_open import ROWS, c2srt, clip, section_of
from tests.settled import settled

SECTIONS = {"c2srt": C2srt, "clip": Clip, "clip_ft": ClipFt, "mkt": Mkt}
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
def test_the_sections_of_the_repository_load(root, name):
    assert SECTIONS[name].load(name, root / "presets" / "scenes.yaml")


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
def test_every_row_of_c2srts_table_3_is_a_set_of_switches(row):
    assert c2srt(modules=ROWS[row])


def test_modules_without_distillation_are_refused_with_the_way_to_turn_the_teacher_off():
    modules = {"distillation": False, "isr": True, "ist": False}
    with pytest.raises(ValueError, match=r"distillation is off and isr or ist on.* is 0\.0"):
        C2srt.model_validate(section_of("c2srt", modules=modules))
    assert C2srt.model_validate(section_of("c2srt", distillation=0.0))


def test_what_trains_nothing_tunes_no_prompt():
    tuning = {"mode": "tuning"}
    with pytest.raises(ValueError, match="mode tuning, expected 0 and simple or ensemble"):
        clip(prompts=tuning)
    with pytest.raises(ValueError, match=r"prompts\.mode is tuning and modules.distillation off"):
        c2srt(prompts=tuning, modules=ROWS["none"])


def test_clip_has_no_blocks_to_train():
    with pytest.raises(ValueError, match=r"student\.trained_blocks is 2 and prompts.mode ensemble"):
        clip(student={"trained_blocks": 2})
