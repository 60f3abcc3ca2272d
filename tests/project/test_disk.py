import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from pipeline_lib import cli, dvc_cache
from pipeline_lib.project import disk
from pipeline_lib.project.plan import Planned

ROOT = Path(__file__).parents[2]

OBJECTS = {"aa" + "0" * 30: 100, "bb" + "0" * 30: 20, "cc" + "0" * 30: 3, "dd" + "0" * 30: 4000}
A, B, C, D = OBJECTS
FOLDER = "ee" + "0" * 30 + ".dir"


def written(path, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout whose dvc.lock names A and a folder with B, and data.dvc C; D is of long ago."""
    home = tmp_path / ".dvc/cache/files/md5"
    for digest, size in OBJECTS.items():
        written(home / digest[:2] / digest[2:], size)
    listing = home / FOLDER[:2] / FOLDER[2:]
    listing.parent.mkdir()
    listing.write_text(json.dumps([{"md5": B, "relpath": "b"}]))
    outs = [{"path": "a", "md5": A}, {"path": "f", "md5": FOLDER}]
    YAML().dump({"stages": {"maps@tags": {"outs": outs}}}, tmp_path / "dvc.lock")
    (tmp_path / "data/raw").mkdir(parents=True)
    YAML().dump({"outs": [{"md5": C, "path": "images"}]}, tmp_path / "data/raw/images.dvc")
    written(tmp_path / "data/artifacts/maps/tags/part.safetensors", 700)
    written(tmp_path / "data/artifacts/train/base/weights.safetensors", 900)
    for name, size in (("maps/k/1", 50), ("maps/k/2", 60), ("train/k/1.npz", 8), ("llm/a", 5)):
        written(tmp_path / ".protoweave" / name, size)
    written(tmp_path / ".protoweave/params-0.yaml", 11)
    written(tmp_path / ".dvc/tmp/exps/tmp1/file", 13)
    (tmp_path / "presets").mkdir()
    monkeypatch.setattr(dvc_cache, "_cache", lambda root: root / ".dvc/cache")
    monkeypatch.setattr(disk, "plan", lambda root: [])  # nothing to do, as DVC would say
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sizes(some):
    return {size.what: (size.files, size.bytes) for size in some}


def test_stages_the_cache_and_what_is_kept_are_measured(root):
    found = disk.measured(root)
    assert [(size.what, size.bytes) for size in found.stages] == [("train", 900), ("maps", 700)]
    listing = len(json.dumps([{"md5": B, "relpath": "b"}]))
    assert (found.needed.files, found.needed.bytes) == (4, 100 + 20 + 3 + listing)
    assert (found.others.files, found.others.bytes) == (1, 4000)
    assert sizes(found.kept) == {
        ".protoweave/maps": (2, 110),
        ".protoweave/train": (1, 8),
        ".protoweave/llm": (1, 5),
        ".protoweave/*.yaml": (1, 11),
        ".dvc/tmp/exps": (1, 13),
    }
    assert sizes(found.idle) == {".protoweave/maps": (2, 110), ".protoweave/train": (1, 8)}


@pytest.mark.parametrize(
    ("stage", "idle"),
    [
        ("maps@tags", [".protoweave/train"]),
        ("train@base", [".protoweave/maps"]),
        ("csnet@tags", [".protoweave/maps"]),
        ("report", [".protoweave/train", ".protoweave/maps"]),
    ],
)
def test_parts_that_a_stage_would_go_on_from_are_not_idle(root, monkeypatch, stage, idle):
    monkeypatch.setattr(disk, "plan", lambda root: [Planned(stage, ["its command changed"])])
    assert [size.what for size in disk.measured(root).idle] == idle


def test_every_stage_that_keeps_something_is_known_with_what_it_keeps():
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    commands = {name: (stage.get("do") or stage)["cmd"] for name, stage in stages.items()}
    keeping = {
        (kept, name)
        for name, command in commands.items()
        for kept in re.findall(r"\.protoweave/(\w+)", command)
        if kept != "llm"  # answers, which nobody may delete as parts
    }
    assert keeping == {(kept, name) for kept, names in disk.PARTS.items() for name in names}
    assert disk.PARTS.keys() <= disk.HOLDS.keys()


def test_a_file_with_two_links_counts_once(root):
    (root / "data/artifacts/maps/tags/again").hardlink_to(
        root / "data/artifacts/maps/tags/part.safetensors"
    )
    assert sizes(disk.measured(root).stages)["maps"] == (1, 700)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1234, "1.2 kB"), (5 * 10**12, "5.0 TB")]
)
def test_sizes_are_readable(count, text):
    assert disk.readable(count) == text


def test_nothing_is_deleted_unless_it_is_told_and_confirmed(root):
    def run(*words, answer=""):
        return CliRunner().invoke(cli.app, ["disk", *words], input=answer, catch_exceptions=False)

    before = sorted(root.rglob("*"))
    output = run().output
    assert "`dvc gc -w` would free 4.0 kB" in output
    assert "--delete-parts` would free 118 B: .protoweave/train, .protoweave/maps" in output
    assert "to be deleted: .protoweave/maps, 110 B" in run("--delete-parts", answer="n\n").output
    assert sorted(root.rglob("*")) == before
    assert "118 B are free" in run("--delete-parts", "--yes").output
    gone = {path for path in before if not path.exists()}
    assert {path.relative_to(root).parts[:2] for path in gone} == {
        (".protoweave", "maps"),
        (".protoweave", "train"),
    }
    assert "would free 0 B: none" in run("--delete-parts").output
