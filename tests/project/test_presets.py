import copy
import itertools
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.document import check_document
from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.presets import Choice, available, parse_change, replace_params, text_of
from pipeline_lib.project.selection import entry, needed
from pipeline_lib.project.switching import select
from tests.project.toy import TOY

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


NOWHERE = {"text": "data/none", "knowledge": "data/none", "weights": "data/none"}
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


NONE = "text: data/none, knowledge: data/none, weights: data/none"
RUNS = f"""\
# All.
methods:
  base: {{method: base, target: classes, input: mine, {NONE}}}
  other: {{method: base, target: classes, input: mine, {NONE}}}
  csrms: {{method: csrms}}
base: {{a: 1}}
other: {{a: 2}}
csrms: {{b: 1}}
"""


def test_a_preset_with_methods_names_all_of_its_runs(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "one.yaml").write_text("methods: {base: {}, again: base}\nagain: {like: base}\n")
    found = loaded(text_of(folder, "one", {}))
    assert found["methods"] == {
        "base": {"method": "base", "target": "classes", "input": "mine"} | NOWHERE | UNCOMPARED,
        "again": entry(METHODS["base"]) | UNCOMPARED,
    }
    assert list(found) == ["methods", "base", "again"]  # the others are read by nothing
    whole = loaded(text_of(folder, "one", {}, whole=True))
    assert list(whole) == ["methods", "base", "other", "csrms", "again"]


def test_a_preset_may_switch_runs_off(toy):
    default = toy(TOY)
    default.rename(default.parent / f"{DEFAULT}.yaml")
    (default.parent / "less.yaml").write_text("# Less.\ndisabled: [csrms]\n")
    text = text_of(default.parent, "less", {})
    path = toy(TOY.replace("# Top.", "# Less."))
    select(path, disable=["csrms"])
    assert text == path.read_text()


def test_a_preset_without_methods_has_the_runs_of_the_default(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "same.yaml").write_text("base: {a: 3}\n")
    assert list(loaded(text_of(folder, "same", {}))["methods"]) == ["base", "other", "csrms"]


LIKE_RUNS = """\
# Like all.
like: middle
methods: {other: {}}
other: {b: 3}
"""
MIDDLE = """\
# In between.
methods: {other: {}, csrms: {}, own: base}
other: {a: 4}
own: {like: base}
"""


def test_a_preset_may_be_like_another(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "middle.yaml").write_text(MIDDLE)
    (folder / "last.yaml").write_text(LIKE_RUNS)
    document = loaded(text_of(folder, "last", {}))
    assert list(document["methods"]) == ["other"]
    assert document["other"] == {"a": 4, "b": 3}
    assert not {"base", "csrms", "own", "like"} & document.keys()
    assert set(loaded(text_of(folder, "middle", {}))["methods"]) == {"other", "csrms", "own"}


def test_a_preset_may_be_like_several_which_apply_in_turn(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "data.yaml").write_text("base: {a: 4, data: 1}\n")
    (folder / "rows.yaml").write_text("like: data\nmethods: {own: base}\nown: {like: base, a: 5}\n")
    (folder / "last.yaml").write_text("like: [data, rows]\nown: {b: 6}\n")
    document = loaded(text_of(folder, "last", {}))
    assert list(document["methods"]) == ["own"]
    assert document["own"] == {"a": 5, "data": 1, "b": 6}


def test_what_a_preset_changes_is_changed_in_the_copies_that_the_one_it_is_like_makes(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "rows.yaml").write_text(
        "methods: {base: {}, row: base, deep: base}\n"
        "deep: {like: row, c: 1}\nrow: {like: base, a: 5}\n"
    )
    (folder / "last.yaml").write_text("like: rows\nbase: {a: 7, data: 2}\nrow: {b: 6}\n")
    document = loaded(text_of(folder, "last", {}))
    assert document["row"] == {"a": 5, "b": 6, "data": 2}
    assert document["deep"] == {"a": 5, "b": 6, "c": 1, "data": 2}


def test_sections_like_each_other_are_refused(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "one.yaml").write_text(
        "methods: {base: {}, x: base, y: base}\nx: {like: y}\ny: {like: x}\n"
    )
    with pytest.raises(InputError, match=r"in a circle \(x, y\), expected one that is no copy"):
        text_of(folder, "one", {})


def test_a_preset_like_one_that_is_not_there_is_refused(folder):
    (folder / "last.yaml").write_text("like: a-quack\n")
    with pytest.raises(
        InputError, match=r"last.yaml: like: no preset 'a-quack'; did you mean 'a-q"
    ):
        text_of(folder, "last", {})


def test_a_run_that_neither_a_preset_nor_what_it_is_like_describes_is_refused(folder):
    (folder / f"{DEFAULT}.yaml").write_text(RUNS)
    (folder / "middle.yaml").write_text(MIDDLE)
    (folder / "last.yaml").write_text("like: middle\nmethods: {base: {}}\n")
    with pytest.raises(InputError, match=r"methods.base: found no method, and no run 'base'"):
        text_of(folder, "last", {})


def test_presets_like_each_other_are_refused(folder):
    (folder / "one.yaml").write_text("like: two\n")
    (folder / "two.yaml").write_text("like: one\n")
    with pytest.raises(
        InputError, match=r"like: presets .* in a circle \(one > two > one\), expected"
    ):
        text_of(folder, "one", {})


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
  weights: data/artifacts/baseline/classes/weights.safetensors
features:
  backbone: {model: lenet5, pretrained: false, image_size: 64}
  weights: data/artifacts/baseline/classes/weights.safetensors
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
    found = loaded(text_of(backbones, DEFAULT, {}, Choice("resnet18", pretrained=True)))
    chosen = {s: found[s]["backbone"]["pretrained"] for s in ("features", "base")}
    assert chosen == {"features": False, "base": True}
    assert found["baseline"]["classes"]["backbone"]["pretrained"]
    assert found["features"]["weights"] == "data/artifacts/baseline/classes/weights.safetensors"


def test_features_of_a_pretrained_network_take_the_chosen_weights(root):
    document = loaded(
        text_of(root / "presets", "ingredient101-csrms", {}, Choice(weights="mine.safetensors"))
    )
    assert document["features"]["weights"] == document["maps"]["weights"] == "mine.safetensors"
    assert not document["features"]["backbone"]["pretrained"]


def test_a_model_joined_to_a_trunk_is_of_the_chosen_trunk(root):
    presets = root / "presets"
    mine = Choice("resnet18", weights="mine.safetensors")
    assert (
        loaded(text_of(presets, "flickr8k-lit", {}, mine))["vlp"]["checkpoint"]
        == "mine.safetensors"
    )
    published = Choice("resnet18", pretrained=True)
    assert (
        loaded(text_of(presets, "flickr8k-lit", {}, published))["vlp"]["checkpoint"] == "data/none"
    )


def test_maps_take_the_chosen_weights_as_they_are(backbones):
    published = loaded(text_of(backbones, DEFAULT, {}, Choice("resnet18", pretrained=True)))["maps"]
    assert (published["backbone"]["pretrained"], published["weights"]) == (True, "data/none")
    local = loaded(text_of(backbones, DEFAULT, {}, Choice(weights="mine.safetensors")))["maps"]
    assert (local["backbone"]["pretrained"], local["weights"]) == (False, "mine.safetensors")


def test_a_checkpoint_goes_where_dvc_sees_it(backbones):
    found = loaded(text_of(backbones, DEFAULT, {}, Choice(weights="mine.safetensors")))
    assert found["methods"]["base"]["weights"] == "mine.safetensors"
    assert found["baseline"]["weights"] == "mine.safetensors"
    assert found["features"]["weights"] == "data/artifacts/baseline/classes/weights.safetensors"
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


@cache
def shipped(preset):
    """Return the params.yaml of a preset of the repository."""
    return text_of(ROOT / "presets", preset, {})


@cache
def read(preset):
    return loaded(shipped(preset))


PRESETS = [preset.name for preset in available(ROOT / "presets")]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_sound(preset):
    assert check_document(read(preset), Path("params.yaml")) == []
    assert shipped(preset).startswith(f"# {preset}: ")


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


def test_a_run_may_be_named_by_its_method_alone():
    found = read("scenes-dlsa")
    assert found["methods"]["dlsa_none"] == entry(METHODS["dlsa"]) | UNCOMPARED
    assert found["methods"]["base_tags"] == entry(METHODS["base"], "tags") | UNCOMPARED


def test_a_checkpoint_for_the_maps_leaves_their_baseline_out(root):
    assert read("scenes-vscnet")["shared"]["baseline"] == ["tags"]
    found = loaded(text_of(root / "presets", "scenes-vscnet", {"maps.weights": "mine.safetensors"}))
    assert (found["shared"]["baseline"], found["shared"]["maps"]) == ([], ["tags"])


OPTIONS = {
    "backbone": {"model": "resnet18"},
    "pretrained": {"pretrained": True},
    "weights": {"weights": "data/raw/mine.safetensors"},
    "size": {"image_size": 48},
}
PAIRS = [a[1] | b[1] for a, b in itertools.combinations(OPTIONS.items(), 2)]
REASONS = (
    "builds no timm backbone, since its runs start from a vision-language model",
    "timm publishes no weights for 'lenet5'",
    "one checkpoint is of one model; name that by --backbone",
    "--pretrained and --weights: expected one source of weights",
)


def backbones_of(document):
    """Return every mapping that names a model of timm, by its section."""
    for name in ("baseline.classes", "baseline.tags", "maps", "features", *document["methods"]):
        section = document
        for part in name.split("."):
            section = section[part]
        if isinstance(section.get("backbone"), dict):
            yield name, section["backbone"]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "options",
    [*OPTIONS.values(), *PAIRS, {"weights": "w.pt", "model": "resnet18", "image_size": 0}],
    ids=lambda o: "-".join(o),
)
def test_every_option_changes_every_preset_or_says_why_not(preset, options):
    found = copy.deepcopy(read(preset))
    if reason := refusal(found, preset, options):
        assert any(expected in reason for expected in REASONS), reason
        assert "model" not in options or REASONS[1] not in reason
        return
    found["shared"] = needed(found)
    already = options == {"pretrained": True} and found["maps"]["backbone"]["pretrained"]
    assert (found != read(preset)) or already
    assert check_document(found, Path("params.yaml")) == []
    changed(found, read(preset), options, preset)


def refusal(document, preset, options):
    try:
        Choice(**options).apply(document, preset)
    except InputError as error:
        return str(error)
    return ""


def changed(found, plain, options, preset):
    """Say that backbones are what was asked for, and every other key is what it was."""
    for name, backbone in backbones_of(found):
        assert backbone["model"] == options.get("model", backbone["model"]), (preset, name)
        assert backbone["image_size"] == options.get("image_size", backbone["image_size"])
        follows = "baseline" in plain[name]["weights"] if name == "features" else False
        assert not (options.get("pretrained") and follows and backbone["pretrained"])
        assert not (backbone["model"] == "lenet5" and backbone["pretrained"]), (preset, name)
    if "csrms" in found:
        assert found["csrms"]["weights"] == plain["csrms"]["weights"], "of losses, not of networks"
    vlp = [run for run in found["methods"].values() if run["method"] in ("clip", "c2srt", "sigrl")]
    assert all(run["weights"] == "data/artifacts/vlp/towers" for run in vlp), preset


def test_the_presets_that_take_each_option_are_known():
    """So that a reason does not spread over presets unseen."""
    taken = {
        name: {p for p in PRESETS if not refusal(copy.deepcopy(read(p)), p, options)}
        for name, options in OPTIONS.items()
    }
    of_towers = {
        "scenes-c2srt", "scenes-dlsa-vlp", "scenes-sigrl", "scenes-spml", "scenes-hard-c2srt",
        "scenes-hard-sigrl", "nuswide-clip", "openimages-clip",
    }  # fmt: skip
    assert taken["backbone"] == taken["size"] == set(PRESETS) - of_towers
    assert {"image-folder", "coco-mobilenet", "cifar10-resnet18"} <= taken["pretrained"]
    assert {"image-folder", "coco-mobilenet", "cifar10-lenet5"} <= taken["weights"]


def test_a_model_that_timm_does_not_know_is_named(backbones):
    with pytest.raises(
        InputError, match=r"--backbone: .*model 'resnet81' is unknown to timm .*; did"
    ):
        text_of(backbones, DEFAULT, {}, Choice("resnet81"))


def test_a_map_of_another_model_is_its_last(root):
    assert read("coco-regions")["maps"]["layer"] == 4
    found = loaded(text_of(root / "presets", "coco-regions", {}, Choice("resnet18")))["maps"]
    assert (found["backbone"]["model"], found["layer"]) == ("resnet18", "last")


def test_a_home_folder_in_a_change_is_spelt_out(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert parse_change("dataset.path=~/x") == ("dataset.path", "/home/me/x")
    assert parse_change("dataset.path=a~/x") == ("dataset.path", "a~/x")


def test_no_preset_names_files_that_only_we_have(root):
    for path in (root / "presets").glob("*.yaml"):
        assert "../" not in path.read_text(), path
