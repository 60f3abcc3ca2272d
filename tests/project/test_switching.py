"""Runs are switched off and on, and params.yaml is byte for byte what it was."""

import itertools

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.document import check_parameters
from pipeline_lib.project.params_text import join, split
from pipeline_lib.project.presets import available, text_of
from pipeline_lib.project.runs_text import in_order
from pipeline_lib.project.selection import entry, faults
from pipeline_lib.project.switching import select
from tests.presets import default_document, default_text
from tests.project.toy import CSRMS, ROOT, TOY, loaded

PRESETS = ROOT / "presets"
NAMES = [preset.name for preset in available(PRESETS)]
# What decides which stages there are; the rest of a file only takes time to read.
DECISIVE = {
    "methods",
    "disabled",
    "shared",
    "also",
    "maps",
    "features",
    "baseline",
    "text",
    "vlp",
    "quality",
}


def decisive(preset):
    parts, _ = split(text_of(PRESETS, preset, {}).splitlines(keepends=True))
    return join(part for part in parts if part.name in DECISIVE)


def there_and_back(path, off, on):
    before = path.read_bytes()
    left, _ = select(path, disable=off)
    assert not set(off) & set(left)
    assert b"\ndisabled:\n" in path.read_bytes()
    select(path, enable=on)
    assert path.read_bytes() == before, (off, on)


@pytest.mark.parametrize("preset", NAMES)
def test_every_run_of_every_preset_comes_back_as_it_was(preset, toy):
    path = toy(decisive(preset))
    runs = list(loaded(path)["methods"])
    for name in runs:
        there_and_back(path, [name], [name])
    if runs:
        there_and_back(path, runs, runs[::-1])


def test_every_pair_of_the_default_comes_back_as_it_was(toy):
    path = toy(decisive("scenes"))
    for i, pair in enumerate(itertools.combinations(loaded(path)["methods"], 2)):
        there_and_back(path, pair, pair if i % 2 else pair[::-1])


FOUR = "".join(f"  # of {n}\n  {n}: {{method: base, target: classes}}  # {n}\n\n" for n in "abcd")
FLOW = f"methods:\n{FOUR}shared:\n  maps: []\n"


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_every_subset_comes_back_in_every_order(toy, size):
    path = toy(FLOW)
    select(path)
    for off in itertools.permutations("abcd", size):
        for name in off:
            before = path.read_bytes()
            select(path, disable=[name])
            assert path.read_bytes() != before
        there = path.read_bytes()
        select(path, enable=off)
        select(path, disable=reversed(off))
        assert path.read_bytes() == there, "what is off does not depend on the order"
        select(path, enable=off[::-1])
        assert loaded(path)["methods"] == loaded(toy(FLOW))["methods"]
        assert list(loaded(path)["methods"]) == list("abcd")
        select(path)


def test_runs_keep_their_order_whoever_is_off():
    assert in_order(["b", "d"], {"a": "", "c": "b"}) == ["a", "b", "c", "d"]
    assert in_order(["d"], {"c": "b", "b": "a", "a": ""}) == ["a", "b", "c", "d"]
    assert in_order(["a"], {"b": "a", "c": "a"}) == ["a", "b", "c"]
    assert in_order(["a"], {"b": "gone"}) == ["a", "b"]


def test_nothing_changed_is_nothing_rewritten(toy):
    path = toy()
    assert select(path) == (["base", "csrms"], [])
    assert path.read_text() == TOY


def test_a_run_that_is_disabled_moves_as_it_stands_and_everything_else_stays(toy):
    path = toy()
    assert select(path, disable=["csrms"])[0] == ["base"]
    head = "# Runs that are switched off; `protoweave methods --enable NAME` brings one back.\n"
    section = f"\n{head}disabled:\n{CSRMS}    after: base\n"
    expected = TOY.replace(CSRMS, section).replace("[classes]", "[]")
    assert path.read_text() == expected


def test_the_comment_of_the_next_run_stays(toy):
    path = toy()
    select(path, disable=["base"])
    assert path.read_text().startswith(
        f"# Top.\nmethods:  # which\n{CSRMS}\n# Runs that are switched off"
    )


def test_a_run_that_is_enabled_again_is_what_it_was(toy):
    path = toy()
    select(path, disable=["csrms"])
    for wanted in ("csrms", "csrms=csrms"):
        assert select(path, enable=[wanted]) == (["base", "csrms"], [])
        assert path.read_text() == TOY
    assert loaded(path)["methods"]["csrms"]["weights"] == "mine"


def test_a_run_is_no_run_of_another_method(toy):
    path = toy()
    select(path, disable=["csrms"])
    message = (
        "'csrms=base': run 'csrms' is there and is of csrms, for classes; enable it by its name"
    )
    with pytest.raises(InputError, match=message):
        select(path, enable=["csrms=base"])


def test_all_runs_can_be_disabled(toy):
    path = toy()
    assert select(path, disable=["base", "csrms"])[0] == []
    assert loaded(path)["methods"] == {}
    assert "\nmethods: {}  # which\n" in path.read_text()
    assert select(path, enable=["csrms", "base"])[0] == ["base", "csrms"]
    assert path.read_text() == TOY


def test_a_run_that_is_off_already_stays_off(toy):
    path = toy()
    select(path, disable=["csrms"])
    before = path.read_text()
    assert select(path, disable=["csrms"])[0] == ["base"]
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"enable": ["csrm"]}, r"unknown method 'csrm'; did you mean 'csrms'\?; csrm=METHOD makes"),
        ({"enable": ["mine=bas"]}, r"unknown method 'bas'; did you mean 'base'\?"),
        ({"disable": ["bsae"]}, r"params\.yaml: no run 'bsae'; did you mean 'base'\?"),
    ],
)
def test_an_unknown_name_changes_nothing(toy, options, message):
    path = toy()
    with pytest.raises(InputError, match=message):
        select(path, **({"disable": ["csrms"]} | options))
    assert path.read_text() == TOY


def test_runs_in_one_line_are_not_edited(toy):
    path = toy("methods: {base: {method: base}}\nshared: {}\n")
    message = "methods or disabled is written in one line, expected each run in lines of its own"
    with pytest.raises(InputError, match=message):
        select(path, disable=["base"])


def test_shared_in_other_lines_is_not_edited(toy):
    path = toy(TOY.replace("  features: [classes]\n", "  features:\n  - classes\n"))
    with pytest.raises(InputError, match="shared is not written as a list in each line, expected"):
        select(path)


@pytest.mark.parametrize("section", ["methods", "shared", "disabled"])
@pytest.mark.parametrize("content", ["", " []", " x"])
def test_a_section_that_is_no_mapping_is_named(toy, section, content):
    whole = "methods: {}\nshared: {}\ndisabled: {}\n"
    path = toy(whole.replace(f"{section}: {{}}", f"{section}:{content}"))
    expected = rf"params\.yaml: section '{section}' is .*, expected a mapping; `protoweave use"
    with pytest.raises(InputError, match=expected):
        select(path)
    assert f"section '{section}' is" in faults(loaded(path), path)[0]


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(InputError, match=r"params\.yaml: missing; run `protoweave use PRESET`"):
        select(tmp_path / "params.yaml", enable=["base"])


def test_a_run_of_the_default_is_enabled_as_the_default_has_it(toy):
    default = default_document()
    for wanted in ("base_tags", "base_tags=base"):
        path = toy(text_of(PRESETS, "scenes-csrms", {}))
        before = list(loaded(path)["methods"])
        runs, notes = select(path, enable=[wanted], presets=PRESETS)
        assert runs == [*before, "base_tags"]
        assert notes == [f"section 'base_tags:' is that of {PRESETS / 'scenes.yaml'}"]
        found = loaded(path)
        assert found["methods"]["base_tags"] == default["methods"]["base_tags"]
        assert found["base_tags"] == default["base_tags"]
        assert found["shared"]["maps"] == ["tags"]
        assert check_parameters(path) == []


def test_a_run_that_another_preset_copies_is_enabled_as_there(toy):
    path = toy(text_of(PRESETS, "scenes", {}))
    select(path, enable=["vscnet_masks"], presets=PRESETS)
    expected = loaded_text(text_of(PRESETS, "scenes-vscnet", {}))["vscnet_masks"]
    assert loaded(path)["vscnet_masks"] == expected
    assert check_parameters(path) == []


def test_a_run_in_which_presets_differ_has_to_be_chosen(toy):
    path = toy(text_of(PRESETS, "scenes", {}))
    message = r"run 'dlsa_none' differs between the presets .*coco-mobilenet\.yaml, .*; copy its"
    with pytest.raises(InputError, match=message):
        select(path, enable=["dlsa_none"], presets=PRESETS)
    select(path, enable=["dlsa_none=dlsa"], presets=PRESETS)
    assert loaded(path)["dlsa_none"] == loaded(path)["dlsa"]


def test_a_run_that_a_preset_switches_off_is_known_to_be_there(toy):
    path = toy(text_of(PRESETS, "scenes", {}))
    with pytest.raises(InputError, match=r"'dlsa_sd' differs between .*flickr8k-tags\.yaml"):
        select(path, enable=["dlsa_sd"], presets=PRESETS)


def test_a_new_run_starts_from_the_section_of_its_method(toy):
    path = toy(text_of(PRESETS, "scenes", {}))
    runs, notes = select(path, enable=["mine=csrms"], presets=PRESETS)
    assert runs[-1] == "mine"
    assert notes == ["section 'mine:' is a copy of 'csrms:' in params.yaml"]
    found = loaded(path)
    assert found["mine"] == found["csrms"]
    compared = {"reference": ["base", "base_images"]}
    assert found["methods"]["mine"] == entry(METHODS["csrms"]) | compared
    assert check_parameters(path) == []
    before = path.read_bytes()
    there_and_back(path, ["mine"], ["mine"])
    assert path.read_bytes() == before


def test_a_method_that_is_new_in_the_default_is_enabled_by_its_name(toy, tmp_path):
    """As docs/extending.md says."""
    text = default_text()
    head, _, rest = text.partition("\nml_gcn:\n")
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets/scenes.yaml").write_text(text)
    path = toy(head + "\nclip:" + rest.partition("\nclip:")[2])
    assert "ml_gcn" not in loaded(path)
    select(path, enable=["ml_gcn"], presets=tmp_path / "presets")
    assert loaded(path)["ml_gcn"] == default_document()["ml_gcn"]
    assert check_parameters(path) == []


def test_a_method_without_any_section_is_not_enabled(toy):
    text = TOY.replace('csrms:\n  b: "no"\n', "")
    path = toy(text.replace(CSRMS, ""))
    with pytest.raises(InputError, match="run 'csrms' needs a section 'csrms:', which is missing"):
        select(path, enable=["csrms"])


def test_a_run_predicts_what_it_says(toy):
    path = toy(TOY.replace("csrms:\n  b", "base_tags: {a: 2}\ncsrms:\n  b"))
    select(path, enable=["base_tags=base@tags"])
    assert loaded(path)["methods"]["base_tags"] == entry(METHODS["base"], "tags") | {
        "reference": ""
    }


def test_a_target_that_a_method_does_not_predict_is_refused(toy):
    with pytest.raises(
        InputError, match="method 'csrms' does not predict 'tags', expected classes"
    ):
        select(toy(), enable=["mine=csrms@tags"])


def test_the_report_remembers_a_reference_that_is_off(toy):
    path = toy(TOY.replace("# The end.", "report: {reference: base}\n# The end."))
    select(path, disable=["base"])
    assert loaded(path)["report"]["reference"] == "base"
    assert faults(loaded(path), path) == []


def loaded_text(text):
    return YAML(typ="safe").load(text)
