"""A small data set and some runs on it, written by the stages' own functions."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from ruamel.yaml import YAML

import stages.category_graph
import stages.clusters
import stages.evaluate
import stages.quality
import stages.relations
import stages.report
import stages.text
from pipeline_lib.artifacts.features import write_features
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.samples import CATEGORIES, REJECTED, SAMPLES
from pipeline_lib.datasets.images import write_images
from pipeline_lib.evaluation.intervals import Estimate, bootstrap
from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.evaluation.ranking import harmonic_mean
from pipeline_lib.fingerprint import digest
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.section import load
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.runs import Run, read_run
from pipeline_lib.reporting.section import read
from pipeline_lib.steps.train.job import Job
from pipeline_lib.steps.train.loading import load_fit, load_settings
from pipeline_lib.steps.train.output import write_fitted
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.liveness import Reading
from tests.clustering.algorithms import KMEANS
from tests.presets import BY_LABELS, NGRAMS, default_document
from tests.steps.evaluate.nothing import nothing_chosen

ROOT = Path(__file__).parents[2]
CLASSES = ["harbour", "<b>\"Köter\" & 'co'</b>", "船 {{ 7 * 7 }}"]
TAGS = ["boat & oar", "<i>lamp</i>", "guitar"]  # the last one is never labelled in training
SPLITS = {"train": 24, "val": 6, "test": 30, "test_shift": 9}
SIDE = 8  # pixels
IMAGES_FILE = "images.safetensors"
DRAWS = 100
RUNS = {"base": "base", "rival & son": "csrms", "twin": "base"}
TAG_RUNS = {"plain & tags": "ml_gcn", "dlsa": "dlsa"}
OPEN_RUNS = {
    "clip & co": "ssgrl",
    "open": "ml_gcn",
}  # which method does not matter: unseen tags too
REFERENCES = {
    "rival & son": "base",
    "twin": "base",
    "dlsa": "plain & tags",
    "clip & co": "plain & tags",
    "open": ["plain & tags", "clip & co"],
}


@dataclass
class Workspace:
    """A folder of artifacts, and the parameters that go with them."""

    folder: Path
    params: dict[str, Any]

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def params_file(self) -> Path:
        """What the parameters are now; the folder is shared by tests that change their own."""
        path = self.folder / f"params-{digest(self.params)}.yaml"
        YAML().dump(self.params, path)
        return path

    @property
    def collection(self) -> Collection:
        return Collection.read(self.artifacts / "ingest")

    def run(self, name: str, target: str = "") -> Run:
        folders = (self.artifacts / "train" / name, self.artifacts / "evaluate" / name)
        said = {"target": target or _target(name), "reference": REFERENCES.get(name, "")}
        return read_run(name, said, *folders)

    @property
    def folders(self) -> list[Path]:
        """What the stage ``report`` reads."""
        return [self.artifacts / name for name in sorted(read())]

    def report(self, out: Path) -> str:
        """Run the stage and return the page."""
        stages.report.main(self.folders, out, self.params_file)
        return (out / "index.html").read_text(encoding="utf-8")

    def add_run(self, name: str, right: dict[str, np.ndarray], **about: Any) -> None:
        """Write a run of two seeds that recognises the images of each split where ``right``."""
        self._write(name, [_fitted(right, seed, **about) for seed in (0, 1)])

    def add_tag_run(self, name: str, noise: float, *, zsl: bool = False) -> None:
        """Write a run of two seeds whose scores are the tags with noise."""
        samples = SAMPLES.read(self.artifacts / "ingest" / "samples.parquet")
        self._write(name, [_fitted_tags(samples, noise, seed, zsl=zsl) for seed in (0, 1)])

    def _write(self, name: str, fitted: list[Fitted]) -> None:
        ingest, method = self.artifacts / "ingest", (RUNS | TAG_RUNS | OPEN_RUNS)[name]
        job = Job(
            name=name,
            method=method,
            learn=load_fit(method),
            target=_target(name),
            settings=load(load_settings(method), method, self.params_file),
            samples=ingest / "samples.parquet",
            categories=ingest / "categories.parquet",
            input=ingest / "images.safetensors",
            text=None,
            knowledge=None,
            weights=None,
            device="cpu",
            checkpoints=self.folder / "checkpoints",
        )
        write_fitted(self.artifacts / "train" / name, job, [0, 1], fitted)
        stages.evaluate.main(
            name,
            _target(name),
            job.samples,
            job.categories,
            self.artifacts / "train" / name / "scores.safetensors",
            self.artifacts / "evaluate" / name,
            self.params_file,
        )


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which nothing but the data set was read."""
    workspace = Workspace(tmp_path_factory.mktemp("ingested"), parameters())
    ingest(workspace)
    for stage in ("clusters", "relations"):
        (workspace.artifacts / stage).mkdir()
        (workspace.artifacts / stage / "README.md").write_text("Nothing needs this stage.\n")
    return workspace.folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every stage has run: three runs, clusters and relations."""
    workspace = Workspace(tmp_path_factory.mktemp("finished"), parameters())
    ingest(workspace)
    _relate(workspace)
    _mine(workspace)
    judge(workspace)
    _train(workspace)
    return workspace.folder


@pytest.fixture(scope="session")
def written(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stage ``report`` makes of ``finished``."""
    out = tmp_path_factory.mktemp("report")
    Workspace(finished, parameters(**RUNS)).report(out)
    return out


@pytest.fixture(scope="session")
def html(written: Path) -> str:
    """The page of ``finished``."""
    return (written / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def workspace(finished: Path) -> Workspace:
    """Every stage has run; parameters may be changed, files may not."""
    return Workspace(finished, parameters(**RUNS))


@pytest.fixture
def bare(ingested: Path) -> Workspace:
    """Only the data set was read, and no run is enabled."""
    return Workspace(ingested, parameters())


@pytest.fixture
def tagged(finished: Path) -> Workspace:
    """As ``workspace``, with two runs more that predict tags."""
    return Workspace(finished, parameters(**RUNS, **TAG_RUNS))


@pytest.fixture
def zero_shot(finished: Path) -> Workspace:
    """As ``tagged``, with two runs more that score unseen tags."""
    return Workspace(finished, parameters(**RUNS, **TAG_RUNS, **OPEN_RUNS))


def _target(run: str) -> str:
    return "tags" if run in TAG_RUNS | OPEN_RUNS else "classes"


def parameters(**methods: str) -> dict[str, Any]:
    sections = default_document()
    sections["methods"] = {
        run: {"method": method, "target": _target(run), "reference": REFERENCES.get(run, "")}
        for run, method in methods.items()
    }
    sections["dataset"] |= {"path": "somewhere/tiny & <small>"}
    sections["evaluation"] |= {"top_k": [1, 2], "draws": 100, "embedding": "pca"}
    sections["evaluation"]["tags"]["top_k"] = [1]
    sections["clusters"] |= {"algorithm": KMEANS | {"n_clusters": 5}}
    sources = ["cooccurrence", "similarity", "random"]
    own = {name: sections["category_graph"][name] for name in ("similarity", "random")}
    sections["category_graph"] |= BY_LABELS | own | {"beside": list(own)}
    sections["category_graph"] |= {"sources": sources, "neighbours": 2}
    sections["category_graph"]["exclusion"] = {"expected": 1.0}
    sections["text"] |= {"source": NGRAMS, "path": "data/none"}
    sections["relations"] |= {"n": 3, "m": 3}
    sections["report"] = {"sheet_columns": 2, "sheet_classes": 2}
    return sections


def _samples() -> pl.DataFrame:
    """Classes take turns; images of the third class carry the second tag, or with test the last."""
    rows = []
    for split, count in SPLITS.items():
        for i in range(count):
            name = f"{split}-{i:03d}"
            tags = ([0], [], [1] if split in ("train", "val") else [2])[i % 3]
            size = {"width": SIDE, "height": SIDE, "path": "pictures", "row": i}
            digest = hashlib.sha256(name.encode()).hexdigest()
            labels = {"split": split, "classes": [i % 3], "tags": tags}
            rows.append({"sample_id": name, "sha256": digest} | labels | size)
    return pl.DataFrame(rows, schema=SAMPLES.dtypes, orient="row").sort("sample_id")


def ingest(workspace: Workspace) -> None:
    folder = workspace.artifacts / "ingest"
    samples = _samples()
    categories = [
        {
            "kind": kind,
            "index": i,
            "name": name,
            "seen": name != "guitar",
            "train_count": 8,
            "far": None,
        }
        for kind, names in (("class", CLASSES), ("tag", TAGS))
        for i, name in enumerate(names)
    ]
    rejected = [
        {"item": f"bad{i}.jpg", "reason": reason, "split": None, "detail": "<broken> & cut"}
        for i, reason in enumerate(["truncated image"] * 4 + ["empty file"])
    ]
    pixels = np.random.default_rng(0).integers(0, 256, (len(samples), SIDE, SIDE, 3), np.uint8)
    SAMPLES.write(samples, folder / "samples.parquet")
    CATEGORIES.write(
        pl.DataFrame(categories, schema=CATEGORIES.dtypes, orient="row"),
        folder / "categories.parquet",
    )
    REJECTED.write(
        pl.DataFrame(rejected, schema=REJECTED.dtypes, orient="row"), folder / "rejected.parquet"
    )
    sums = {
        "used": dict(samples["split"].value_counts().iter_rows()),
        "rejected": {"truncated image": 3, "empty file": 1},  # the fourth lost a box only
        "ignored": {"hidden file": 1, "not an image: .txt": 12},
        "remarks": {"of_reader": ["labels are read as lists"]},
    }
    write_json(folder / "accounting.json", sums)
    params = Dataset.load("dataset", workspace.params_file)
    write_images(folder / "images.safetensors", pixels, params)


def _relate(workspace: Workspace) -> None:
    """Cluster features that lie around a corner for each class, and some anywhere."""
    folder = workspace.artifacts
    samples = SAMPLES.read(folder / "ingest" / "samples.parquet")
    rng = np.random.default_rng(1)
    corners = np.eye(3)[samples["classes"].list.first().to_numpy()]
    features = (corners + rng.normal(0, 0.4, corners.shape)).astype(np.float32)
    write_features(folder / "features" / "classes", samples["sample_id"].to_list(), [features])
    cluster(workspace)


def cluster(workspace: Workspace) -> None:
    """Cluster what lies in the workspace, and relate its images by that."""
    folder = workspace.artifacts
    tables = (folder / "ingest" / "samples.parquet", folder / "ingest" / "categories.parquet")
    vectors, clusters = folder / "features" / "classes", folder / "clusters" / "classes"
    related = folder / "relations" / "classes"
    weights = workspace.folder / "none"
    stages.clusters.main(*tables, vectors, weights, clusters, workspace.params_file)
    stages.relations.main(*tables, vectors, clusters, related, workspace.params_file)


def _mine(workspace: Workspace) -> None:
    """Mine a graph of the tags from their labels, their names and by lot."""
    folder = workspace.artifacts
    tables = (folder / "ingest" / "samples.parquet", folder / "ingest" / "categories.parquet")
    text, graph = folder / "text" / "tags", folder / "category_graph" / "tags"
    stages.text.main("tags", tables[1], text, workspace.params_file)
    answers = workspace.folder / "answers"
    stages.category_graph.main("tags", *tables, text, answers, graph, workspace.params_file)


def judge(workspace: Workspace, graph: str = "data/none") -> None:
    """Look for what may be wrong with what lies in the workspace."""
    ingest, artifacts = workspace.artifacts / "ingest", workspace.artifacts
    read = (ingest / name for name in ("samples.parquet", "categories.parquet", IMAGES_FILE))
    vectors, out = artifacts / "features" / "classes", artifacts / "quality" / "images"
    stages.quality.main(*read, vectors, Path(graph), out, workspace.params_file)


def _train(workspace: Workspace) -> None:
    """Base is right on every second image, its rival on all, its twin on one image fewer."""
    half = {split: np.arange(count) % 2 == 0 for split, count in SPLITS.items()}
    twin = {split: right & (np.arange(len(right)) > 0) for split, right in half.items()}
    workspace.add_run("base", half)
    workspace.add_run(
        "rival & son",
        {split: np.ones(count, bool) for split, count in SPLITS.items()},
        leaks=["classify: paper"],
        facts={"alpha_i": 0.5},
        liveness=[
            Reading("masks", "spread", "Deviation of the masks.", "train", 0.2, 0.1),
            Reading("masks", "spread", "Deviation of the masks.", "test", 0.05, 0.1),
            Reading("loss", "positives", "Gradient by that of the labels.", "train", 3.0),
        ],
        terms=("final",),
    )
    workspace.add_run("twin", twin)
    workspace.add_tag_run("plain & tags", 2.0)
    workspace.add_tag_run("dlsa", 0.1)
    workspace.add_tag_run("clip & co", 2.0, zsl=True)
    workspace.add_tag_run("open", 0.1, zsl=True)


def _fitted(
    right: dict[str, np.ndarray], seed: int, terms: tuple[str, ...] = (), **about: Any
) -> Fitted:
    generator = torch.Generator().manual_seed(seed)
    logits = {split: _logits(r) for split, r in right.items() if split != "train"}
    features = {s: torch.randn(len(v), 4, generator=generator) for s, v in logits.items()}
    history = [
        {"epoch": float(e), "lr": 0.1, "images_encoded": 1234.0 * (e + 1), "loss": 2.5 - e}
        | dict.fromkeys(terms, 1.5 - e)
        for e in range(2)
    ]
    return Fitted({"head.bias": torch.zeros(3)}, logits, features, history, **about)


def _fitted_tags(samples: pl.DataFrame, noise: float, seed: int, *, zsl: bool) -> Fitted:
    generator = torch.Generator().manual_seed(seed)
    logits = {}
    for split in ("test", "test_shift", "val"):
        rows = samples.filter(pl.col("split") == split)["tags"].to_list()
        carried = torch.tensor([[float(j in row) for j in range(len(TAGS))] for row in rows])
        logits[split] = 2 * carried - 1 + noise * torch.randn(carried.shape, generator=generator)
    features = {split: torch.zeros(len(found), 2) for split, found in logits.items()}
    history = [{"epoch": 0.0, "lr": 0.1, "images_encoded": 24.0, "loss": 0.5}]
    unseen = {split: found[:, 2:] for split, found in logits.items()} if zsl else {}
    return Fitted({"head.bias": torch.zeros(3)}, logits, features, history, zsl=unseen)


def _logits(right: np.ndarray) -> torch.Tensor:
    """Rank the true class first, or behind the next one."""
    true = torch.arange(len(right)) % 3
    first = torch.where(torch.from_numpy(right), true, (true + 1) % 3)
    scores = torch.zeros(len(right), 3)
    scores[torch.arange(len(right)), true] = 1.0
    scores[torch.arange(len(right)), first] = 2.0
    return scores


@pytest.fixture
def small_run() -> Callable[..., Run]:
    """Build a run that holds nothing but per-image values of the split ``test``.

    It is judged by their means, and by F1@1 of precision and recall where it has them.
    """

    def build(
        name: str,
        images: list[str],
        *,
        references: tuple[str, ...] = (),
        seeds: int = 1,
        epochs: int = 4,
        encoded: float = 100.0,
        lr: float = 0.1,
        **values: list[float],
    ) -> Run:
        frames = [
            pl.DataFrame(
                {"sample_id": images, "metric": m, "split": "test", "value": np.array(v, float)}
            )
            for m, v in values.items()
        ]
        drawn = bootstrap(np.array([*values.values()], float).T, draws=DRAWS, seed=3)
        means = dict(zip(values, drawn.T, strict=True))
        pair = [means.get(f"per_image_pr_{name}_1") for name in ("precision", "recall")]
        if pair[0] is not None:
            means["per_image_pr_f1_1"] = harmonic_mean(*pair)
        metrics = {}
        for m, draws in means.items():
            found = Estimate.of(draws)
            metrics |= {m: found.value, f"{m}_low": found.low, f"{m}_high": found.high}
        empty = pl.DataFrame()
        return Run(
            name=name,
            target="classes",
            references=references,
            header={"splits": ["test"]},
            measures=[m for m in measures("classes", [1]) if m.name in means],
            metrics={"test": metrics, "seeds": seeds, "images_encoded": encoded},
            history=pl.DataFrame({"epoch": range(epochs), "lr": [lr] * epochs}),
            per_image=pl.concat(frames),
            per_category=empty,
            average_precision=empty,
            reliability=empty,
            thresholds=nothing_chosen("classes"),
            draws={f"test/{m}": draws for m, draws in means.items()},
            liveness=empty,
            confusion=empty,
            embedding=empty,
            predicted=np.zeros(0),
            scores=np.zeros((0, 0)),
        )

    return build
