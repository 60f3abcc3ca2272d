"""What presets for other data, or with other sources of a graph, inherit of the default."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.presets import available, text_of
from tests.presets import BY_LABELS, LLM

PRESETS = Path(__file__).parents[2] / "presets"
FORMATS = [
    preset.name
    for preset in available(PRESETS)
    if "\n  format:" in (PRESETS / f"{preset.name}.yaml").read_text() and preset.name != DEFAULT
]


def graph(preset, **changes):
    return YAML(typ="safe").load(text_of(PRESETS, preset, changes))["category_graph"]


@pytest.fixture
def of_preset(tmp_path):
    """The category graph of a preset with some lines."""
    (tmp_path / f"{DEFAULT}.yaml").write_text((PRESETS / f"{DEFAULT}.yaml").read_text())

    def written(lines, **changes):
        (tmp_path / "mine.yaml").write_text(f"# mine: x\n{lines}\n")
        return YAML(typ="safe").load(text_of(tmp_path, "mine", changes))["category_graph"]

    return written


def test_the_default_asks_a_language_model_and_wordnet_without_a_key():
    found = graph(DEFAULT)
    assert {"llm", "wordnet"} <= set(found["beside"])
    assert found["llm"]["name"] == "recorded"


def test_answers_about_other_names_are_not_inherited(of_preset):
    shipped, found = graph(DEFAULT), of_preset("dataset: {format: voc}")
    assert found["beside"] == [name for name in shipped["beside"] if name != "llm"]
    assert (found["llm"], found["paths"]["answers"]) == ("none", "data/none")
    assert found["wordnet"] == shipped["wordnet"]  # which holds any names
    assert found["paths"]["wordnet"] == shipped["paths"]["wordnet"]


def test_a_format_on_the_command_line_counts_as_that_of_a_preset(of_preset):
    assert "llm" not in of_preset("report: {}", **{"dataset.format": "voc"})["beside"]
    back = of_preset("dataset: {format: voc}", **{"dataset.format": "scenes"})
    assert "llm" in back["beside"]


def test_fewer_pictures_of_the_same_objects_keep_the_answers(of_preset):
    assert of_preset("dataset: {scenes: {train: 9}}") == graph(DEFAULT)


def test_a_preset_with_answers_of_its_own_has_the_source(of_preset):
    own = "category_graph: {llm: {queries: 1}, paths: {answers: a.jsonl}}"
    found = of_preset(f"dataset: {{format: voc}}\n{own}")
    assert found["llm"] == {"name": "recorded", "queries": 1}
    assert found["paths"]["answers"] == "a.jsonl"
    assert "llm" in found["beside"]


def test_sources_that_a_preset_does_not_name_have_no_settings_and_no_file(of_preset):
    found = of_preset("category_graph: {beside: []}")
    assert {key: found[key] for key in BY_LABELS} == BY_LABELS


def test_what_a_preset_says_itself_stays(of_preset):
    own = of_preset("category_graph: {beside: [], random: {most: 3}, paths: {wordnet: w.xml}}")
    assert own["random"] == {"most": 3, "seed": 0}  # which is refused, as the user is told
    assert own["paths"]["wordnet"] == "w.xml"


def test_a_preset_that_names_the_source_itself_keeps_it(of_preset):
    found = of_preset("dataset: {format: voc}\ncategory_graph: {beside: [llm]}")
    assert found["llm"]["name"] == "recorded"  # whose answers the stage finds to be others'


def test_a_model_that_is_asked_reads_no_recorded_answers(of_preset):
    found = of_preset(f"dataset: {{format: voc}}\ncategory_graph: {{llm: {LLM}}}")
    assert found["llm"] == LLM
    assert found["paths"]["answers"] == "data/none"
    assert "llm" in found["beside"]


@pytest.mark.parametrize("preset", FORMATS)
def test_no_preset_for_other_data_reads_the_answers_of_the_default(preset):
    assert graph(preset)["paths"]["answers"] != graph(DEFAULT)["paths"]["answers"]
