from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.check import check_parameters
from pipeline_lib.project.presets import (
    DEFAULT,
    Choice,
    available,
    parse_change,
    replace_params,
    text_of,
)
from pipeline_lib.project.selection import entry

ROOT = Path(__file__).parents[2]
COMPLETE = """\
# Everything.
dataset:
  path: data/raw/scenes  # relative
  shares: [0.1, 0.2]

base:
  backbone: {model: lenet5, image_size: 64}
  precision: "no"

# The last one.
extra:
  only: here
"""
QUICK = """\
# For a first look.
# It takes a minute.
base:
  backbone: {image_size: 32}
dataset:
  shares: [0.5]
extra: null
more:
  added: 1e-4
"""


NOWHERE = {"knowledge": "data/none", "weights": "data/none"}
UNCOMPARED = {"reference": ""}


@pytest.fixture
def folder(tmp_path):
    """Two presets."""
    (tmp_path / f"{DEFAULT}.yaml").write_text(COMPLETE)
    (tmp_path / "a-quick.yaml").write_text(QUICK)
    (tmp_path / "notes.txt").write_text("no preset")
    return tmp_path


def loaded(text):
    return YAML(typ="safe").load(text)


def test_the_default_is_listed_first_with_its_summary(folder):
    assert [(p.name, p.summary) for p in available(folder)] == [
        (DEFAULT, "Everything."),
        ("a-quick", "For a first look."),
    ]


def test_a_preset_without_comment_has_no_summary(folder):
    (folder / "bare.yaml").write_text("base: {}\n")
    assert available(folder)[-1].summary == ""


def test_the_default_is_written_as_it_is(folder):
    assert text_of(folder, DEFAULT, {}) == COMPLETE


def test_another_preset_says_what_it_changes(folder):
    text = text_of(folder, "a-quick", {})
    assert loaded(text) == {
        "dataset": {"path": "data/raw/scenes", "shares": [0.5]},
        "base": {"backbone": {"model": "lenet5", "image_size": 32}, "precision": "no"},
        "more": {"added": 1e-4},
    }
    assert "path: data/raw/scenes  # relative" in text
    assert 'precision: "no"' in text


RUNS = """\
# All.
methods:
  base: {method: base, target: classes, input: mine, knowledge: data/none, weights: data/none}
  other: {method: base, target: classes, input: mine, knowledge: data/none, weights: data/none}
  csrms: {method: csrms}
base: {a: 1}
other: {a: 2}
csrms: {b: 1}
"""


def test_a_preset_with_methods_names_all_of_its_runs(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "one.yaml").write_text("methods: {base: {}, again: base}\nagain: {like: base}\n")
    found = loaded(text_of(folder, "one", {}))
    assert found["methods"] == {
        "base": {"method": "base", "target": "classes", "input": "mine"} | NOWHERE | UNCOMPARED,
        "again": entry(METHODS["base"]) | UNCOMPARED,
    }
    assert list(found) == ["methods", "base", "csrms", "again"]  # `other` was that run's alone


def test_a_preset_without_methods_has_the_runs_of_the_default(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "same.yaml").write_text("base: {a: 3}\n")
    assert list(loaded(text_of(folder, "same", {}))["methods"]) == ["base", "other", "csrms"]


def test_changes_come_on_top(folder):
    changes = {"base.backbone.image_size": 16, "dataset.path": "there", "more.added": [1]}
    found = loaded(text_of(folder, "a-quick", changes))
    assert found["base"]["backbone"] == {"model": "lenet5", "image_size": 16}
    assert (found["dataset"]["path"], found["more"]["added"]) == ("there", [1])


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("base.backbone.imagesize", r"no key 'imagesize'; did you mean 'image_size'\?"),
        ("bass.backbone.model", r"no section 'bass'; did you mean 'base'\?"),
        ("base.backbone.model.name", "no section 'model'; did you mean 'model'"),
        ("precision", "no key 'precision'; known: base, dataset, extra"),
    ],
)
def test_a_key_that_is_not_there_is_named(folder, key, message):
    with pytest.raises(InputError, match=f"'{key}': {message}"):
        text_of(folder, DEFAULT, {key: 1})


BACKBONES = """\
# Some.
methods:
  base: {method: base, weights: data/none}
baseline:
  weights: data/none
  classes: {backbone: {model: lenet5, pretrained: false, image_size: 64, output_stride: 8}}
maps:
  backbone: {model: lenet5, pretrained: false, image_size: 64, output_stride: 8}
  weights: trained
features:
  backbone: {model: lenet5, pretrained: false, image_size: 64}
  weights: trained
base:
  backbone: {model: lenet5, pretrained: false, image_size: 64}
"""


@pytest.fixture
def backbones(tmp_path):
    (tmp_path / f"{DEFAULT}.yaml").write_text(BACKBONES)
    return tmp_path


def test_one_backbone_is_chosen_for_every_section(backbones):
    found = loaded(text_of(backbones, DEFAULT, {}, Choice("resnet18", image_size=0)))
    expected = {"model": "resnet18", "pretrained": False, "image_size": 0}
    assert [found[s]["backbone"] for s in ("features", "base")] == [expected] * 2
    dense = expected | {"output_stride": 0}
    assert found["baseline"]["classes"]["backbone"] == found["maps"]["backbone"] == dense


def test_features_take_their_weights_from_the_baseline_whatever_it_starts_from(backbones):
    found = loaded(text_of(backbones, DEFAULT, {}, Choice(pretrained=True)))
    chosen = {s: found[s]["backbone"]["pretrained"] for s in ("features", "base")}
    assert chosen == {"features": False, "base": True}
    assert found["baseline"]["classes"]["backbone"]["pretrained"]
    assert found["features"]["weights"] == "trained"


def test_maps_take_the_chosen_weights_as_they_are(backbones):
    published = loaded(text_of(backbones, DEFAULT, {}, Choice(pretrained=True)))["maps"]
    assert (published["backbone"]["pretrained"], published["weights"]) == (True, "data/none")
    local = loaded(text_of(backbones, DEFAULT, {}, Choice(weights="mine.safetensors")))["maps"]
    assert (local["backbone"]["pretrained"], local["weights"]) == (False, "mine.safetensors")


def test_a_checkpoint_goes_where_dvc_sees_it(backbones):
    found = loaded(text_of(backbones, DEFAULT, {}, Choice(weights="mine.safetensors")))
    assert found["methods"]["base"]["weights"] == "mine.safetensors"
    assert found["baseline"]["weights"] == "mine.safetensors"
    assert found["features"]["weights"] == "trained"
    assert "weights" not in found["base"]


def test_two_sources_of_weights_are_refused(backbones):
    with pytest.raises(InputError, match="--pretrained and --weights: expected one source"):
        text_of(backbones, DEFAULT, {}, Choice(pretrained=True, weights="mine.pt"))


def test_a_preset_carries_its_own_first_line(folder):
    text = text_of(folder, "a-quick", {})
    assert text.startswith("# For a first look.")


def test_the_summary_does_not_repeat_the_name(folder):
    (folder / "named.yaml").write_text("# named: what it does\n")
    assert available(folder)[-1].summary == "what it does"


def test_an_unknown_preset_names_the_nearest(folder):
    with pytest.raises(InputError, match=r"no preset 'quick' in .*; did you mean 'a-quick'\?"):
        text_of(folder, "quick", {})
    with pytest.raises(InputError, match=rf"no preset 'x' in .*; known: a-quick, {DEFAULT}$"):
        text_of(folder, "x", {})


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("dataset.path=data/raw/mine", "dataset.path", "data/raw/mine"),
        ("a.lr=1e-4", "a.lr", 1e-4),
        ("a.seeds=[0, 1]", "a.seeds", [0, 1]),
        ("a.on=true", "a.on", True),
        ("a.precision=no", "a.precision", "no"),
        ("a.pattern=x=y", "a.pattern", "x=y"),
        ("a.nothing=", "a.nothing", None),
    ],
)
def test_a_change_is_split_at_its_first_equals_sign(text, key, value):
    assert parse_change(text) == (key, value)


def test_a_change_without_value_is_refused():
    with pytest.raises(InputError, match=r"^'a\.lr': expected KEY=VALUE, e\.g\. dataset\.path="):
        parse_change("a.lr")


def test_a_change_that_is_no_yaml_is_refused():
    with pytest.raises(InputError, match=r"^'a=\[1': \[1 is not valid YAML; quote it$"):
        parse_change("a=[1")


def test_the_file_that_is_replaced_is_kept(tmp_path):
    path, keep = tmp_path / "params.yaml", tmp_path / "kept"
    assert replace_params(path, "a: 1\n", keep) is None
    assert path.read_text() == "a: 1\n"
    kept = replace_params(path, "a: 2\n", keep)
    assert (path.read_text(), kept.read_text()) == ("a: 2\n", "a: 1\n")
    assert kept.parent == keep
    again = replace_params(path, "a: 3\n", keep)
    assert (kept.read_text(), again.read_text()) == ("a: 1\n", "a: 2\n")


def test_a_file_that_stays_the_same_is_not_kept(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("a: 1\n")
    assert replace_params(path, "a: 1\n", tmp_path / "kept") is None
    assert list(tmp_path.iterdir()) == [path]


def test_every_preset_of_the_repository_is_sound(root, tmp_path):
    presets = available(root / "presets")
    for preset in presets:
        assert preset.summary, preset.name
        (tmp_path / "params.yaml").write_text(text_of(root / "presets", preset.name, {}))
        assert check_parameters(tmp_path / "params.yaml") == [], preset.name
    assert DEFAULT in {preset.name for preset in presets}


@pytest.mark.parametrize("path", sorted((ROOT / "presets").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_preset_is_valid(path, tmp_path):
    written = tmp_path / "params.yaml"
    written.write_text(text_of(path.parent, path.stem, {}))
    assert check_parameters(written) == []
    assert written.read_text().startswith(f"# {path.stem}: ")


def overlay(folder, text):
    (folder / "b-more.yaml").write_text(text)
    return text_of(folder, "b-more", {})


def test_a_section_may_start_from_a_copy_of_another(folder):
    found = loaded(overlay(folder, "tiny: {like: base, backbone: {image_size: 8}}\n"))
    expected = found["base"] | {"backbone": {"model": "lenet5", "image_size": 8}}
    assert found["tiny"] == expected
    assert found["base"]["backbone"]["image_size"] == 64


def test_a_copy_of_what_is_not_there_is_refused(folder):
    with pytest.raises(InputError, match=r"like: bass: there is no such section; did you mean"):
        overlay(folder, "tiny: {like: bass}\n")


def test_a_run_may_be_named_by_its_method_alone(root):
    found = loaded(text_of(root / "presets", "scenes-dlsa", {}))
    assert found["methods"]["dlsa_none"] == entry(METHODS["dlsa"]) | UNCOMPARED
    assert found["methods"]["base_tags"] == entry(METHODS["base"], "tags") | UNCOMPARED


def test_a_checkpoint_for_the_maps_leaves_their_baseline_out(root):
    presets = root / "presets"
    assert loaded(text_of(presets, "scenes-vscnet", {}))["shared"]["baseline"] == ["tags"]
    found = loaded(text_of(presets, "scenes-vscnet", {"maps.weights": "mine.safetensors"}))
    assert (found["shared"]["baseline"], found["shared"]["maps"]) == ([], ["tags"])
