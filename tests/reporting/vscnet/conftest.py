"""The small data set with boxes, and runs of VSCNet on it, written by the stages themselves."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from ruamel.yaml import YAML

import stages.csnet
import stages.evaluate
import stages.exemplars
import stages.regions
import stages.train
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.methods.vscnet.settings import Settings as Vscnet
from pipeline_lib.params.section import read_yaml
from pipeline_lib.reporting.exemplar_pictures import Matched
from pipeline_lib.reporting.region_pictures import Located
from tests.clustering.algorithms import KMEANS
from tests.recipes import recipe_with
from tests.reporting.conftest import parameters
from tests.settled import at_rest

PARTS = ("locate", "knowledge", "graph", "causal", "fusion")
RUNS = {"vscnet": PARTS, "vscnet_l": PARTS[:1], "vscnet_base": ()}
STEPS = 3  # J
SEEN = {"size": 8, "crop_pct": 1.0, "crop_mode": "center"}


@pytest.fixture(scope="session")
def explained(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which regions were found, exemplars built and VSCNet trained, very briefly."""
    folder = tmp_path_factory.mktemp("explained")
    artifacts, params = folder / "artifacts", folder / "params.yaml"
    shutil.copytree(ingested / "artifacts", artifacts)
    samples = _with_boxes(artifacts / "ingest" / "samples.parquet")
    YAML().dump(_sections(parameters()), params)
    tables = (artifacts / "ingest" / "samples.parquet", artifacts / "ingest" / "categories.parquet")
    maps = artifacts / "maps" / "tags"
    csnet, regions, exemplars = (
        artifacts / s / "classes" for s in ("csnet", "regions", "exemplars")
    )
    _map(maps, samples)
    stages.csnet.main("classes", *tables, maps, folder / "checkpoints", csnet, params)
    images, parts = artifacts / "ingest" / "images.safetensors", folder / "parts"
    stages.regions.main("classes", *tables, images, maps, csnet, parts, regions, params)
    stages.exemplars.main(*tables, regions, parts, exemplars, params)
    for run in RUNS:
        knowledge, out = exemplars / "knowledge.safetensors", artifacts / "train" / run
        stages.train.main(
            run, "vscnet", "classes", *tables, exemplars, "data/none", str(knowledge),
            "data/none", folder / "checkpoints", out, params,
        )  # fmt: skip
        judged = artifacts / "evaluate" / run
        stages.evaluate.main(run, "classes", *tables, out / "scores.safetensors", judged, params)
    return folder


@pytest.fixture
def studio(bare: Any, explained: Path) -> Any:
    """The workspace of ``explained``."""
    return replace(bare, folder=explained, params=read_yaml(explained / "params.yaml"))


@pytest.fixture
def located(studio: Any) -> Located:
    """Its regions."""
    folder = studio.artifacts
    found = Located.read(
        folder / "regions" / "classes", folder / "maps" / "tags", studio.collection
    )
    assert found is not None
    return found


@pytest.fixture
def matched(studio: Any, located: Located) -> Matched:
    """Its prototypes."""
    found = Matched.read(studio.artifacts / "exemplars" / "classes", located)
    assert found is not None
    return found


@pytest.fixture
def without(studio: Any, tmp_path: Path) -> Callable[..., Any]:
    """Return the workspace as it is where some stages are switched off."""

    def build(*stages_: str) -> Any:
        (tmp_path / "artifacts").mkdir()
        for folder in studio.artifacts.iterdir():
            if folder.name in stages_:
                (tmp_path / "artifacts" / folder.name).mkdir()
                (tmp_path / "artifacts" / folder.name / "README.md").write_text("Switched off.\n")
            else:
                (tmp_path / "artifacts" / folder.name).symlink_to(folder)
        return replace(studio, folder=tmp_path)

    return build


def _with_boxes(path: Path) -> pl.DataFrame:
    """Put an object into the left half of every image that has a tag."""
    samples = SAMPLES.read(path)
    half = {"x": 0.0, "y": 0.25, "w": 0.5, "h": 0.5}
    boxes = [[{"tag": tag} | half for tag in tags] for tags in samples["tags"].to_list()]
    samples = samples.with_columns(pl.Series("boxes", boxes, dtype=SAMPLES.dtypes["boxes"]))
    SAMPLES.write(samples, path)
    return samples


def _map(folder: Path, samples: pl.DataFrame) -> None:
    """Write maps that show the class of an image in one of four channels."""
    rng = np.random.default_rng(2)
    maps = rng.normal(size=(len(samples), 4, 8, 8))
    maps[np.arange(len(samples)), samples["classes"].list.first().to_numpy(), 2:6, :4] += 3
    chunk = {"maps": maps.astype(np.float16), "pooled": maps.mean((2, 3)).astype(np.float16)}
    MAPS.write(folder, samples["sample_id"].to_list(), [chunk], preprocess=SEEN)


def _sections(sections: dict[str, Any]) -> dict[str, Any]:
    brief = {"epochs": 2, "batch_size": 8}
    apart = brief | {"epochs": 6, "lr": 0.03}  # boxes move apart
    sections["csnet"] |= {"steps": STEPS}
    sections["csnet"]["recipe"] = recipe_with(sections["csnet"]["recipe"], apart)
    sections["exemplars"] |= {"algorithm": KMEANS | {"n_clusters": 6}}  # compiles nothing
    sections["vscnet"]["recipe"] |= brief
    sections["vscnet"] |= {"seeds": [0], "width": 8, "tag_nodes": 2, "tags_per_region": 1}
    for run, parts in RUNS.items():
        modules = {part: part in parts for part in PARTS}
        sections[run] = at_rest(Vscnet, sections["vscnet"] | {"modules": modules})
    sections["methods"] = {
        run: {"method": "vscnet", "reference": "" if run == "vscnet_base" else "vscnet_base"}
        for run in RUNS
    }
    return sections
