"""The presets that hold DLSA's Table 2."""

from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline_lib.methods.registry import METHODS, control_of
from pipeline_lib.project.presets import text_of
from tests.conftest import ROOT

TABLES = ("scenes-dlsa", "coco-mobilenet", "coco-efficientnet", "flickr8k-tags")
OWN = "dlsa_own"  # rows that say that their rate is their own best


def read(name: str) -> Any:
    text = text_of(ROOT / "presets", name, {}, all_on=True)
    return YAML(typ="safe").load(text)


@pytest.mark.parametrize("table", TABLES)
def test_all_rows_on_maps_have_one_budget(table):
    found = read(table)
    budgets = {
        (recipe["epochs"], recipe["batch_size"], *recipe["optimizer"].values())
        for run in found["methods"]
        if found[run]["backbone"] == "none" and not run.startswith(OWN)
        for recipe in [found[run]["recipe"]]
    }
    assert len(budgets) == 1


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_compared_with_its_placebos_before_all_else(table):
    found = read(table)
    placebos = {
        run: control
        for run, entry in found["methods"].items()
        if (control := control_of(entry["method"], found[run]))
    }
    assert placebos
    for run, control in placebos.items():
        own = run.removesuffix(f"_{control.name}")
        assert own != run
        references = found["methods"][own]["reference"]
        assert run in references
        assert set(references[: references.index(run) + 1]) <= placebos.keys()


def test_every_placebo_stands_in_the_table_of_scenes():
    assert {f"dlsa_{one.name}" for one in METHODS["dlsa"].controls} <= read("scenes-dlsa").keys()


@pytest.mark.parametrize("table", TABLES[1:])
def test_ssgrl_has_its_own_widths_on_photographs(table):
    found = read(table)["ssgrl"]
    assert [found[key] for key in ("width", "hidden", "outputs", "steps")] == [0, 1024, 2048, 3]
