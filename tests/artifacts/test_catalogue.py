"""Every kind of tensor file is listed, and its arrays are in the docs."""

import importlib
import pkgutil
from pathlib import Path

import pytest

from pipeline_lib import artifacts
from pipeline_lib.artifacts.arrays import MORE
from pipeline_lib.artifacts.catalogue import KINDS, dims_of, listing
from pipeline_lib.artifacts.parts import PART
from pipeline_lib.artifacts.shards import Shards
from pipeline_lib.artifacts.tensors import Tensors


def test_the_docs_list_every_array(root: Path):
    page = (root / "docs" / "artifacts.md").read_text(encoding="utf-8")
    assert listing() in page, "paste what pipeline_lib.artifacts.catalogue.listing() returns"


def test_every_kind_that_a_stage_writes_is_listed(root: Path):
    modules = [m.name for m in pkgutil.iter_modules(artifacts.__path__)]
    found = [
        kind.file if isinstance(kind, Shards) else kind
        for name in modules
        for kind in vars(importlib.import_module(f"pipeline_lib.artifacts.{name}")).values()
        if isinstance(kind, Tensors | Shards) and kind != PART
    ]
    assert {kind.artifact for kind in found} == KINDS.keys()
    assert all(kind == KINDS[kind.artifact] for kind in found)
    graph = (root / "dvc.yaml").read_text(encoding="utf-8").replace("${key}", "${item}")
    for kind in KINDS.values():  # as a file, or in its folder
        place = kind.place("${item}")
        assert any(f"- {out}\n" in graph for out in (place, place.rpartition("/")[0])), place


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_declared_arrays_have_names_that_differ_and_dimensions(kind):
    assert kind.arrays
    assert len({array.name for array in kind.arrays}) == len(kind.arrays)
    for array in kind.arrays:
        assert array.dims
        assert MORE not in array.dims[:-1]
        assert array.holds


def test_dimensions_of_an_array_are_told_by_name():
    assert dims_of("maps", "maps") == "images, channels, height, width"
    assert dims_of("scores", "0/test/logits") == "images of {split}, categories"
    assert dims_of("maps", "mine") == dims_of("mine", "maps") == ""
