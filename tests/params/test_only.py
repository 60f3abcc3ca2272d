"""Keys that are read beside some other value only."""

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.only import only
from pipeline_lib.params.section import Section, read_yaml, rules_of
from pipeline_lib.project.sections import SECTIONS
from pipeline_lib.steps.train.loading import load_section


class Inner(Section):
    kind: str
    size: int
    ONLY = only({"size": 3}, "kind", "large", "huge")


class Outer(Inner):
    inner: Inner
    ONLY = only({"inner.kind": "none"}, "kind", "huge")


def outer(kind="large", size=3, inner_kind="none", inner_size=3):
    values = {"kind": kind, "size": size, "inner": {"kind": inner_kind, "size": inner_size}}
    return Outer.model_validate(values)


def test_a_key_may_have_any_value_where_it_is_read():
    assert outer("large", 9).size == 9
    assert outer("huge", 9, "large", 8).inner.size == 8


def test_a_key_rests_where_it_is_not_read():
    assert outer("small", 3).size == 3
    expected = r"size is 9, expected 3: it is read only where kind is large or huge; see to that"
    with pytest.raises(ValueError, match=expected):
        outer("small", 9)


def test_a_section_keeps_the_rules_of_those_it_extends_and_of_its_parts():
    with pytest.raises(ValueError, match=r"inner\.kind is 'large', expected 'none'"):
        outer("large", 3, "large")
    with pytest.raises(ValueError, match="size is 9, expected 3"):
        outer("large", 3, "none", 9)


def test_all_unread_keys_are_named_at_once():
    with pytest.raises(ValueError, match=r"size is 9.*; inner.kind is 'large'"):
        outer("small", 9, "large")


def sections(path):
    return SECTIONS | {name: load_section(name) for name in METHODS if name in read_yaml(path)}


def test_every_rule_names_a_key_there_is(root):
    for name, model in sections(root / "presets" / "scenes.yaml").items():
        loaded = model.load(name, root / "presets" / "scenes.yaml")
        assert all(rule.fault(loaded) is None for rule in rules_of(model))


CASES = {  # what a user sets, and what the message has to say
    "base.recipe": ({"optimizer": "adamw", "momentum": 0.5}, "only where optimizer is sgd"),
    "csrms": ({"weights": {"js": 0.1}}, "weights.js is 0.1.*smoothing.kind is js_loss"),
    "csrms.smoothing": ({"kind": "none"}, r"weights.positives is 0.3333, expected 0.0"),
    "dlsa": ({"modules": {"reasoning": False}, "reasoning": {"heads": 8}}, "modules.reasoning"),
    "text": ({"words": {"path": "glove.txt"}}, "only where source is words"),
    "dataset": ({"tag_matrix": "x.npz"}, "only where format is food101 or auto"),
    "clip.recipe": ({"epochs": 9}, "recipe.epochs is 9, expected 1: .*clip does not"),
    "vscnet.recipe": ({"augment": "flip"}, "recipe.augment is 'flip'.*vscnet reads regions"),
    "baseline.tags.recipe": ({"seeds": [0, 1]}, r"seeds is \[0, 1\], expected one"),
    "csnet.recipe": ({"seeds": [0, 1]}, r"seeds is \[0, 1\], expected one"),
    "category_graph": ({"exclusion": {"enabled": True}, "sources": ["similarity"]},
                       "exclusion.enabled is true and sources are similarity, none of which"),
}  # fmt: skip


@pytest.mark.parametrize("place", CASES)
def test_what_does_nothing_is_refused_with_the_way_out(root, tmp_path, place):
    changes, expected = CASES[place]
    document = read_yaml(root / "presets" / "scenes.yaml")
    name, *inside = place.split(".")
    content = document
    for key in (name, *inside):
        content = content[key]
    for key, value in changes.items():
        content[key] = content[key] | value if isinstance(value, dict) else value
    path = tmp_path / "params.yaml"
    YAML(typ="safe").dump(document, path)
    with pytest.raises(InputError, match=expected):
        sections(path)[name].load(name, path)
