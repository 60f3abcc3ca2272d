"""Sections say what they read and what they are shown of; nothing else lists them."""

import sys
from dataclasses import replace
from types import ModuleType

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.report import Report
from pipeline_lib.reporting import sections
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.section import Section, declared, read
from pipeline_lib.steps.report import assemble, check_folders


@pytest.fixture
def material(workspace):
    loaded = [
        section.load(name, workspace.params_file)
        for section, name in ((Report, "report"), (Evaluation, "evaluation"), (Dataset, "dataset"))
    ]
    return Material.read({f.name: f for f in workspace.folders}, workspace.params, *loaded)


def with_section(monkeypatch, section):
    """Put a module beside those of sections/."""
    module = ModuleType("mine")
    module.SECTION = section
    monkeypatch.setitem(sys.modules, "mine", module)
    known = {*sections.modules(), "mine"}
    monkeypatch.setattr(sections, "modules", lambda: sorted(known))


def test_the_stage_reads_what_sections_declare(root):
    stage = YAML(typ="safe").load(root / "dvc.yaml")["stages"]["report"]
    folders = {f"data/artifacts/{name}" for name in read()}
    assert set(stage["deps"]) == {*folders, "data/artifacts/code/report.txt"}
    words = stage["cmd"].split()
    assert set(words[words.index("stages.report") + 1 : words.index("--out")]) == folders


def test_every_section_has_a_template_of_its_own(root):
    names = [section.name for section in declared()]
    assert len(set(names)) == len(names)
    templates = root / "pipeline_lib" / "reporting" / "templates"
    assert [name for name in names if not (templates / f"{name}.html").is_file()] == []


def test_only_sections_of_runs_share_a_place():
    places = [section.place for section in declared() if section.per in ("page", "target")]
    assert len(set(places)) == len(places)


def test_a_section_that_is_there_is_shown_in_its_place(material, monkeypatch):
    mine = Section("mine", "Mine", 35, lambda material, target: target, per="target")
    with_section(monkeypatch, mine)
    parts = assemble(material).parts
    shown = [(part.anchor, part.title, part.values) for part in parts if part.name == "mine"]
    assert shown == [
        ("mine", "Mine: classes", "classes"),
        ("mine-tags", "Mine: tags", "tags"),
    ]
    names = [part.name for part in parts]
    assert names[names.index("mine") - 1] == "quality"
    assert names[names.index("mine") + 2] == "run"


def test_a_section_of_one_target_is_named_after_it_where_it_asks_for_that(material, monkeypatch):
    mine = Section(
        "mine", "Mine", 35, lambda material, target: target, per="target", targets=("tags",)
    )
    for named, anchor, title in ((False, "mine", "Mine"), (True, "mine-tags", "Mine: tags")):
        with_section(monkeypatch, replace(mine, named=named))
        (part,) = (part for part in assemble(material).parts if part.name == "mine")
        assert (part.anchor, part.title) == (anchor, title)


def test_a_method_brings_a_part_that_only_its_runs_show(material, monkeypatch):
    mine = Section(
        "mine", "Mine", 40, lambda material, run: run.name, per="part", methods=("csrms",)
    )
    with_section(monkeypatch, mine)
    parts = {part.run: part.parts for part in assemble(material).parts if part.run}
    own = {run: [p.values for p in inside if p.name == "mine"] for run, inside in parts.items()}
    assert own == {
        "base": [],
        "rival & son": ["rival & son"],
        "twin": [],
    }


def test_a_folder_that_a_section_does_not_declare_is_not_opened(material, monkeypatch):
    mine = Section("mine", "Mine", 35, lambda m: m.at("clusters", "classes"), reads=("relations",))
    with_section(monkeypatch, mine)
    with pytest.raises(
        ValueError, match=r"a section opens 'clusters', expected one of \['relations'\]"
    ):
        assemble(material)


def test_a_folder_that_a_section_reads_has_to_be_given(monkeypatch):
    with_section(monkeypatch, Section("mine", "Mine", 35, lambda m: None, reads=("zoo",)))
    given = dict.fromkeys(read() - {"zoo"})
    with pytest.raises(InputError, match=r"report: no folder 'zoo' among .*name it in the stage"):
        check_folders(given)


def test_what_several_sections_show_is_read_once(material):
    calls = []
    for _ in range(2):
        assert material.only(()).once("key", lambda: calls.append(1) or "made") == "made"
    assert calls == [1]
