"""The small data set, its category graph, and runs that are told labels by name."""

import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from ruamel.yaml import YAML

import stages.evaluate
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.knowledge import NEIGHBOURS
from pipeline_lib.artifacts.labelled import multi_hot
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.params.section import load, read_yaml
from pipeline_lib.reporting.backdrops import Backdrops
from pipeline_lib.reporting.shown import Shown
from pipeline_lib.steps.train.job import Job
from pipeline_lib.steps.train.loading import load_fit, load_settings
from pipeline_lib.steps.train.output import write_fitted
from pipeline_lib.training.fitted import Fitted
from tests.reporting.conftest import parameters

RUNS = {
    "clip & co": ("clip", None),
    "c2srt": ("c2srt", 0.5),
    "c2srt_wide": ("c2srt", 0.75),
    "sigrl": ("sigrl", None),
}
IMAGES = [0, 2, 5, 29]  # of test; every third one carries the guitar, which was never seen
LABELS = [[0, 1, 2], [2, 1, 0], [2, 0, 1], [1, 2, 0]]
CHOSEN = [[1, 2, 3], [4, 1, 1], [2, 2, 2], [1, 3, 1]]  # patches of each label, of 16


@pytest.fixture(scope="session")
def opened(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which four such runs were trained and judged."""
    folder = tmp_path_factory.mktemp("opened")
    for stage in ("ingest", "category_graph"):
        shutil.copytree(finished / "artifacts" / stage, folder / "artifacts" / stage)
    vlp = folder / "artifacts" / "vlp" / "towers"
    write_json(vlp / "open_clip_config.json", {"preprocess_cfg": {"resize_mode": "squash"}})
    params = _sections(parameters())
    YAML().dump(params, folder / "params.yaml")
    for run, (method, _) in RUNS.items():
        _write(folder, run, method)
    return folder


@pytest.fixture
def studio(bare: Any, opened: Path) -> Any:
    """The workspace of ``opened``."""
    return replace(bare, folder=opened, params=read_yaml(opened / "params.yaml"))


@pytest.fixture
def backdrops(studio: Any) -> Backdrops:
    """Its images, as the model sees them."""
    return Backdrops.read(studio.artifacts / "vlp" / "towers", studio.collection)


@pytest.fixture
def tags(studio: Any) -> Any:
    """Its tags: two that were seen, and the guitar."""
    return studio.collection.predicted("tags")


@pytest.fixture
def shown(studio: Any) -> Any:
    """Read what a run kept."""

    def read(name: str) -> Shown:
        found = Shown.read(studio.run(name, "tags"), studio.artifacts / "train" / name)
        assert found is not None
        return found

    return read


def similarity() -> torch.Tensor:
    """Cosines of 16 patches that fall from the first to the last, higher for later images."""
    falling = torch.linspace(0.5, -0.25, 16).expand(len(IMAGES), 3, 16)
    return falling + 0.1 * torch.arange(len(IMAGES))[:, None, None]


def _extras(method: str) -> dict[str, torch.Tensor]:
    kept = {"images": torch.tensor(IMAGES), "labels": torch.tensor(LABELS)}
    kept["similarity"] = similarity()
    if method == "c2srt":
        counts = torch.tensor(CHOSEN)
        kept["counts"], kept["chosen"] = counts, torch.arange(16) < counts[:, :, None]
        kept["histogram"] = torch.bincount(counts.flatten(), minlength=33)
        kept["attention"] = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.2, 0.7, 0.1]])
    if method == "sigrl":
        kept["attention"] = torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.3, 0.6, 0.1]])
    return kept


def _write(folder: Path, run: str, method: str) -> None:
    ingest, params = folder / "artifacts" / "ingest", folder / "params.yaml"
    samples = SAMPLES.read(ingest / "samples.parquet")
    job = Job(
        name=run,
        method=method,
        learn=load_fit(method),
        target="tags",
        settings=load(load_settings(method), run, params),
        samples=ingest / "samples.parquet",
        categories=ingest / "categories.parquet",
        input=ingest / "images.safetensors",
        text=None,
        knowledge=None,
        weights=None,
        device="cpu",
        checkpoints=folder / "checkpoints",
    )
    generator = torch.Generator().manual_seed(0)
    logits = {}
    for split in ("test", "test_shift", "val"):
        truth = torch.from_numpy(multi_hot(samples.filter(split=split)["tags"], 3))
        logits[split] = truth + torch.rand(truth.shape, generator=generator)
    fitted = Fitted(
        {"head.scale": torch.ones(1)},
        logits,
        {split: torch.zeros(len(found), 2) for split, found in logits.items()},
        [{"epoch": 0.0, "lr": 0.1, "images_encoded": 24.0, "loss": 0.5}],
        zsl={split: found[:, 2:] for split, found in logits.items()},
        extras=_extras(method),
    )
    out = folder / "artifacts" / "train" / run
    write_fitted(out, job, [0], [fitted])
    judged = folder / "artifacts" / "evaluate" / run
    scores = out / "scores.safetensors"
    stages.evaluate.main(run, "tags", job.samples, job.categories, scores, judged, params)


def _sections(sections: dict[str, Any]) -> dict[str, Any]:
    for run, (method, alpha) in RUNS.items():
        sections[run] = deepcopy(sections[method])
        if alpha is not None:
            sections[run]["isr"]["alpha"] = alpha
            sections[run]["ist"]["relation"] = "merged"
    sections["methods"] = {
        run: {"method": method, "target": "tags"} for run, (method, _) in RUNS.items()
    }
    return sections


@pytest.fixture
def replanted(studio: Any, tmp_path: Path) -> Any:
    """Write the category graph again with other lists of neighbours; return its folder."""

    def write(neighbours: Any, name: str = "neighbours") -> Path:
        source = studio.artifacts / "category_graph" / "tags" / "neighbours.safetensors"
        arrays, header = NEIGHBOURS.read(source)
        NEIGHBOURS.write(
            tmp_path / "graph" / "neighbours.safetensors",
            {key: lists[:, : neighbours.shape[1]] for key, lists in arrays.items()}
            | {name: neighbours},
            samples=header["samples"],
        )
        return tmp_path / "graph"

    return write
