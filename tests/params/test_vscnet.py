"""Settings of VSCNet that cannot mean anything."""

import itertools

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.methods.vscnet.settings import CsnetSettings, Modules, Settings
from pipeline_lib.params.section import load
from tests.presets import default_text

BASES = {"knowledge": "locate", "graph": "locate", "causal": "graph", "fusion": "locate"}
PARTS = ("locate", "knowledge", "graph", "causal", "fusion")


@pytest.mark.parametrize("values", list(itertools.product([False, True], repeat=5)))
def test_parts_build_on_each_other(values):
    chosen = dict(zip(PARTS, values, strict=True))
    lacking = [(part, base) for part, base in BASES.items() if chosen[part] and not chosen[base]]
    if not lacking:
        assert Modules(**chosen)
        return
    part, base = lacking[0]
    with pytest.raises(ValueError, match=f"expected '{base}: true' where '{part}' is true"):
        Modules(**chosen)


def changed(root, tmp_path, old, new):
    text = default_text()
    assert text.count(old) == 1
    (tmp_path / "params.yaml").write_text(text.replace(old, new))
    return tmp_path / "params.yaml"


def test_a_part_without_its_base_is_named_where_it_stands(root, tmp_path):
    path = changed(root, tmp_path, "modules: {locate: true,", "modules: {locate: false,")
    expected = r"vscnet\.modules: expected 'locate: true' where 'knowledge' is true"
    with pytest.raises(InputError, match=expected):
        load(Settings, "vscnet", path)


def test_scales_in_the_order_of_the_text_are_refused(root, tmp_path):
    path = changed(root, tmp_path, "scale: {smallest: 0.4,", "scale: {smallest: 0.9,")
    with pytest.raises(InputError, match=r"csnet\.scale: expected 'smallest' to be at most"):
        load(CsnetSettings, "csnet", path)
