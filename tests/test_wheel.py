"""What `pip install protoweave` brings: the library and its command, and nothing else."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from typing import get_args
from zipfile import ZipFile

import numpy as np
import polars as pl
import pytest
from PIL import Image
from ruamel.yaml import YAML

from pipeline_lib.api import load
from pipeline_lib.artifacts.exported import Format
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.exporting.network import export_network
from pipeline_lib.version import __version__
from tests.stages.everything import Everything


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy of the sources, built without a network."""
    from tests.conftest import ROOT

    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT / "pipeline_lib", source / "pipeline_lib", ignore=_compiled)
    for name in ("stages", "tests", "benchmarks"):
        (source / name).mkdir()
        (source / name / "__init__.py").touch()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
    subprocess.run([*command, "--wheel-dir", folder, source], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with ZipFile(built) as archive:
        yield archive


_compiled = shutil.ignore_patterns("__pycache__")


def test_it_holds_every_file_of_the_library_that_is_code_or_data(wheel, root):
    sources = (p for p in (root / "pipeline_lib").rglob("*") if p.is_file())
    expected = {
        path.relative_to(root).as_posix()
        for path in sources
        if path.suffix != ".md" and path.parent.name != "__pycache__"
    }
    names = set(wheel.namelist())
    assert {name for name in names if name.startswith("pipeline_lib/")} == expected
    assert {"pipeline_lib/py.typed", "pipeline_lib/reporting/templates/page.html"} <= names


def test_stages_tests_and_benchmarks_stay_in_the_checkout(wheel):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"pipeline_lib", f"protoweave-{__version__}.dist-info"}


def test_it_installs_the_command_protoweave_of_this_version(wheel, root):
    about = f"protoweave-{__version__}.dist-info"
    points = wheel.read(f"{about}/entry_points.txt").decode()
    assert points == "[console_scripts]\nprotoweave = pipeline_lib.cli:main\n"
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = wheel.read(f"{about}/METADATA").decode().splitlines()
    required = [line for line in lines if line.startswith("Requires-Dist: ")]
    assert len([line for line in required if "extra ==" not in line]) == len(
        project["dependencies"]
    )
    extras = {line.removeprefix("Provides-Extra: ") for line in lines if "Provides-Extra" in line}
    assert extras == project["optional-dependencies"].keys()


def test_its_version_is_the_newest_of_the_changelog_and_of_the_same_day_as_the_citation(root):
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    first, newest, *_ = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert first == "Unreleased"
    citation = YAML(typ="safe").load(root / "CITATION.cff")
    assert newest == f"{__version__} ({citation['date-released']})"


def test_pages_name_the_wheel_as_it_is_called(wheel, root):
    named = re.findall(r"protoweave-\S+\.whl", (root / "docs/quickstart.md").read_text("utf-8"))
    assert named == [wheel.filename.rpartition("/")[2]]


PREDICT = """
import sys
import pipeline_lib, pipeline_lib.cli
print(pipeline_lib.__file__)
for folder in sys.argv[2:]:
    words = ["predict", folder, sys.argv[1], "--all", "--out", f"{folder}.parquet"]
    pipeline_lib.cli.app(words, standalone_mode=False)
"""


def test_the_wheel_alone_predicts_by_exported_folders(wheel, tmp_path, root):
    project = Everything(tmp_path / "project", root)
    project.folder.mkdir()
    project.ingest()
    run = project.trained(METHODS["base"])
    folders = [tmp_path / to for to in get_args(Format)]
    for folder in folders:
        export_network(project.folder, str(run), folder.name, folder)
    pixels = np.random.default_rng(0).integers(0, 256, (50, 40, 3), np.uint8)
    expected = load(run).predict([pixels]).probabilities
    shutil.rmtree(project.folder)
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    wheel.extractall(site)
    elsewhere.mkdir()
    Image.fromarray(pixels).save(elsewhere / "photo.png")
    said = subprocess.check_output(
        [sys.executable, "-P", "-c", PREDICT, "photo.png", *map(str, folders)],
        cwd=elsewhere,
        env=os.environ | {"PYTHONPATH": str(site), "PROTOWEAVE_DEVICE": "cpu"},
        text=True,
    )
    assert said.splitlines()[0] == str(site / "pipeline_lib/__init__.py")
    for folder in folders:
        found = pl.read_parquet(f"{folder}.parquet").select(pl.col("^probability .*$"))
        np.testing.assert_allclose(found.to_numpy(), expected, atol=1e-4)
