"""Keys that are read beside some other value only."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.section import Section, load, of
from pipeline_lib.project.sections import SECTIONS
from pipeline_lib.settings.only import only, rules_of
from pipeline_lib.steps.train.loading import load_settings
from tests.presets import NGRAMS, default_document


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


MODELS = SECTIONS | {name: load_settings(name) for name in METHODS}


def test_every_rule_names_a_key_there_is():
    for name, model in MODELS.items():
        loaded = of(model, default_document(), name, Path("params.yaml"))
        assert all(rule.fault(loaded) is None for rule in rules_of(model))


CASES = {  # what a user sets, and what the message has to say
    "base.recipe.optimizer": (
        {"name": "adamw"},
        "base.recipe.optimizer.momentum is not a known key; known: lr, name, weight_decay",
    ),
    "csrms": (
        {"smoothing": {"name": "none"}, "weights": {"positives": 0.3}},
        r"weights.positives is 0.3, expected 0.0: .*smoothing.name is gcn, gnn or tail_gnn",
    ),
    "text": ({"source": NGRAMS}, "path is .*only where source.name is vlp or words or sentence"),
    "vlp": (
        {"checkpoint": "w.pt", "sentences": "s", "vectors": "v"},
        "checkpoint is .*only where source.name is checkpoint or lit.*sentences is 's', expected "
        "'data/none': it is read only where source.name is lit.*vectors is 'v'",
    ),
    "vlp.source": ({"pretrained": "openai"}, "vlp.source.pretrained is not a known key"),
    "text.source": ({"dims": 64}, "text.source.dims is not a known key; known: name, prompts"),
    "dataset": ({"tag_matrix": "x.npz"}, "only where format is food101 or auto"),
    "clip": ({"recipe": {"epochs": 9}}, "clip.recipe is not a known key"),
    "vscnet.recipe": ({"augment": "flip"}, "vscnet.recipe.augment is not a known key"),
    "baseline.tags": ({"seed": [0, 1]}, r"baseline.tags.seed is \[0, 1\]: input should be a v"),
    "csnet": ({"seed": [0, 1]}, r"csnet.seed is \[0, 1\]: input should be a valid integer"),
    "sigrl": ({"student": {"trained_blocks": 0, "layer_decay": 0.5}}, "trained_blocks is above 0"),
    "category_graph": ({"exclusion": {"expected": 5.0}, "sources": ["similarity"]},
                       "exclusion is on and sources are similarity, none of which"),
}  # fmt: skip


@pytest.mark.parametrize("place", CASES)
def test_what_does_nothing_is_refused_with_the_way_out(tmp_path, place):
    changes, expected = CASES[place]
    document = default_document()
    name, *inside = place.split(".")
    content = document
    for key in (name, *inside):
        content = content[key]
    for key, value in changes.items():
        same = isinstance(value, dict) and "name" not in value
        same = same and isinstance(content.get(key), dict)
        content[key] = content[key] | value if same else value
    path = tmp_path / "params.yaml"
    YAML(typ="safe").dump(document, path)
    with pytest.raises(InputError, match=expected):
        load(MODELS[name], name, path)
