"""docs/team.md, command by command: photographs of one's own, wherever they lie or do not."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pipeline.conftest import Project, checkout

SMALL = {
    "base.backbone.image_size": 32,
    "base.recipe.epochs": 1,
    "base.seeds": "[0]",
    "evaluation.draws": 100,
    "evaluation.embedding": "pca",
}
PRESET = """# mine: one run on photographs
methods: {base: base}
dataset: {format: image_folder, path: data/raw/images, val_share: 0.1, test_share: 0.2}
"""
LISTING = "data/artifacts/listing/files.jsonl"
ALL = ["code", "listing", "ingest", "train@base", "evaluate@base", "report"]


def draw(folder: Path, *, first: int = 0, count: int = 12) -> None:
    """Photographs of different sizes: they stay where they are, and are read by reference."""
    for number in range(first, first + count):
        noise = np.random.default_rng(number).integers(0, 256, (40 + number, 48, 3), np.uint8)
        path = folder / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise).save(path)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an author's finished checkout, the photographs beside it, and a remote."""
    folder = tmp_path_factory.mktemp("team")
    draw(folder / "photos")
    author = checkout(folder / "author")
    small = [part for key, value in SMALL.items() for part in ("--set", f"{key}={value}")]
    (author.root / "presets/mine.yaml").write_text(PRESET)
    author.protoweave("use", "mine", "--data", "../photos", *small)
    assert author.ran() == ALL
    author.run("dvc", "remote", "add", "--default", "team", str(folder / "remote"))
    author.run("git", "add", "--all")
    author.run("git", "commit", "--quiet", "--message", "results")
    author.run("dvc", "push", "--run-cache")
    return folder


@pytest.fixture
def colleague(team: Path, tmp_path: Path) -> Project:
    """A clone of the author's checkout on a machine without photographs."""
    Project(team).run("git", "clone", "--quiet", str(team / "author"), str(tmp_path / "clone"))
    return Project(tmp_path / "clone")


def test_nothing_that_is_shared_names_the_folder_of_one_machine(team):
    author = Project(team / "author")
    assert "path: data/raw/images" in (author.root / "params.yaml").read_text()
    assert author.run("git", "status", "--porcelain") == ""
    for name in ("params.yaml", "dvc.lock"):
        assert "photos" not in (author.root / name).read_text()
    for path in author.digests():
        found = author.root / path
        files = [found] if found.is_file() else [p for p in found.rglob("*") if p.is_file()]
        assert not [f for f in files if str(team / "photos").encode() in f.read_bytes()], path


def test_without_the_photographs_results_are_pulled_and_nothing_runs(team, colleague):
    colleague.run("dvc", "pull")
    assert colleague.ran() == ["listing"]
    assert colleague.digests() == Project(team / "author").digests()
    assert all((colleague.root / path).exists() for path in colleague.digests())
    assert colleague.run("git", "status", "--porcelain") == ""
    assert "nothing to run" in colleague.protoweave("explain")
    told = colleague.protoweave("doctor", check=False)
    assert "data set folder data/raw/images is not on this machine" in told


def test_without_photographs_and_results_nothing_is_lost_and_the_remedy_is_told(colleague):
    output = colleague.run("dvc", "repro", check=False)
    assert f"{LISTING} is not the list that dvc.lock names; run `dvc pull`" in output
    assert "Running stage 'ingest'" not in output
    asked = colleague.ran("--dry", "--allow-missing")  # what CI asks; `report` reads whole folders
    assert asked == ["listing", "report"]


def test_an_older_list_is_replaced_by_the_one_that_dvc_lock_names(colleague):
    colleague.run("dvc", "pull")
    expected = (colleague.root / LISTING).read_bytes()
    (colleague.root / LISTING).unlink()
    (colleague.root / LISTING).write_text("[]\n")
    assert colleague.ran() == ["listing"]
    assert (colleague.root / LISTING).read_bytes() == expected


def test_photographs_elsewhere_rerun_nothing_until_one_is_added(team, colleague, tmp_path):
    photos = shutil.copytree(team / "photos", tmp_path / "other" / "pictures")
    here = {"PROTOWEAVE_DATA": str(photos)}
    colleague.run("dvc", "pull", "--run-cache")
    assert colleague.ran(**here) == ["listing"]
    assert colleague.digests() == Project(team / "author").digests()
    assert "nothing to run" in colleague.protoweave("explain", **here)
    draw(photos, first=12, count=1)
    explained = colleague.protoweave("explain", **here)
    assert f"files of the data set {photos}: 1 added" in explained
    assert colleague.ran(**here) == ALL[1:]  # all but `code`
    (photos / "cat" / "12.png").unlink()
    assert colleague.ran(**here) == ["listing"], "the run-cache brings the old results back"


def test_experiments_find_photographs_beside_the_checkout(team, tmp_path):
    shutil.copytree(team, tmp_path / "team", symlinks=True)
    author = Project(tmp_path / "team" / "author")
    notes = author.root / ".protoweave/local.yaml"
    notes.write_text("data:\n  data/raw/images: ../photos\n")
    run = ("dvc", "exp", "run", "ingest", "-S")  # later stages look for no photograph
    out = author.run(*run, "dataset.max_pixels=5000000", "--temp")
    assert "Running stage 'ingest'" in out
    author.run(*run, "dataset.max_pixels=6000000", "--queue")
    author.run("dvc", "exp", "run", "--run-all")
    shown = json.loads(author.run("dvc", "exp", "show", "--json"))
    assert len(shown[0]["experiments"] or shown[1]["experiments"]) == 2


def test_photographs_that_dvc_tracks_travel_with_the_results(team, colleague, tmp_path):
    shutil.copytree(team / "photos", colleague.root / "data/raw/images")
    colleague.run("dvc", "pull")
    colleague.run("dvc", "add", "data/raw/images")
    colleague.run("git", "add", "--all")
    assert "data/raw/images.dvc" in colleague.run("git", "status", "--porcelain")
    colleague.run("git", "commit", "--quiet", "--message", "photographs")
    assert colleague.ran() == ["listing"]
    colleague.run("dvc", "push")
    colleague.run("git", "clone", "--quiet", str(colleague.root), str(tmp_path / "third"))
    third = Project(tmp_path / "third")
    third.run("dvc", "pull")
    assert len(list((third.root / "data/raw/images").rglob("*.png"))) == 12
    assert third.ran() == ["listing"]
