"""A checkout with what was trained in it."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline_lib.api.recogniser import Recogniser, restored
from pipeline_lib.api.runs import TRAINED, WEIGHTS_FILE, Runs
from pipeline_lib.artifacts.clusters import ASSIGNMENTS, PROTOTYPES
from pipeline_lib.artifacts.exported import is_export
from pipeline_lib.artifacts.features import INDEX, read_features
from pipeline_lib.artifacts.quality import FILES
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.errors import InputError
from pipeline_lib.targets import Target

FEATURES, CLUSTERS = Path("data/artifacts/features"), Path("data/artifacts/clusters")
QUALITY = Path("data/artifacts/quality/images")


@dataclass(frozen=True)
class Clusters:
    """The clusters of the training images."""

    assignments: pl.DataFrame  # "sample_id" and "cluster", -1 for noise
    prototypes: pl.DataFrame  # "cluster", its "size" in images, and the "mean" of their vectors


@dataclass(frozen=True)
class Quality:
    """What may be wrong with the data, the worst first (docs/datasets.md)."""

    suspects: pl.DataFrame  # labels that are doubted and tags that are missed, by target and kind
    duplicates: pl.DataFrame  # pairs of images that are one picture
    outliers: pl.DataFrame
    contradictions: pl.DataFrame  # images with categories that exclude each other


@dataclass(frozen=True)
class Project:
    """A checkout with what was trained in it."""

    root: Path

    @property
    def runs(self) -> Runs:
        """The runs whose weights are there, by name, sorted."""
        return Runs(self.root)

    def load(self, run: str, *, seed: int | None = None, device: str | None = None) -> Recogniser:
        """Load a run; see ``load``."""
        return self.runs[run].load(seed=seed, device=device)

    def scores(self, run: str, split: str = TEST, *, seed: int | None = None) -> pl.DataFrame:
        """Return the stored scores of a split; see ``Run.scores``."""
        return self.runs[run].scores(split, seed=seed)

    def features(self, target: Target = "classes") -> pl.DataFrame:
        """Return the vector of every image: "sample_id" and "vector".

        They are what the stage `features` made for a target, not normalised.

        Raises:
            InputError: the stage did not run.
        """
        folder = self.root / FEATURES / target
        ids = INDEX.read(folder / "index.parquet")["sample_id"]
        found = read_features(folder, ids.to_list())
        kind = pl.Array(pl.Float32, found.shape[1])
        return pl.DataFrame([ids, pl.Series("vector", found, dtype=kind)])

    def clusters(self, target: Target = "classes") -> Clusters:
        """Return the clusters of the training images, which the stage `clusters` found.

        Raises:
            InputError: the stage did not run.
        """
        folder = self.root / CLUSTERS / target
        found, _ = PROTOTYPES.read(folder / "prototypes.safetensors")
        means = pl.Series("mean", found["means"], pl.Array(pl.Float32, found["means"].shape[1]))
        number = pl.Series("cluster", range(len(means)), dtype=pl.Int32)
        prototypes = pl.DataFrame([number, pl.Series("size", found["sizes"]), means])
        return Clusters(ASSIGNMENTS.read(folder / "assignments.parquet"), prototypes)

    def quality(self) -> Quality:
        """Return what the stage `quality` found.

        Raises:
            InputError: the stage did not run.
        """
        folder = self.root / QUALITY
        return Quality(*(kind.read(folder / file) for file, kind in FILES.items()))


def open_project(root: str | Path = ".") -> Project:
    """Open a checkout."""
    return Project(Path(root))


def load(
    run: str | Path,
    root: str | Path | None = None,
    *,
    seed: int | None = None,
    device: str | None = None,
) -> Recogniser:
    """Load a trained run.

    Args:
        run: its name, or its folder.
        root: the checkout, where the paths of what it reads begin; None is the one that the folder
            lies in, or the current folder.
        seed: one of the run's; None is the first.
        device: "cpu" or "cuda"; None is what the stages would use.

    Raises:
        InputError: there is no such run or seed; its file is damaged, older than this version or
            of another method; or the vision-language model that it starts from has changed.
    """
    if is_export(Path(run)):
        raise InputError(
            f"{run}: is an exported folder, expected a run of a checkout; `load_exported` opens it"
        )
    folder, home = _place(run, root)
    return restored(folder / WEIGHTS_FILE, home, seed=seed, device=device)


def _place(run: str | Path, root: str | Path | None) -> tuple[Path, Path]:
    """Return the folder of a run, and the checkout."""
    folder = Path(run)
    if len(folder.parts) == 1 and not (folder / WEIGHTS_FILE).exists():
        found = open_project(root or ".").runs[str(run)]
        return found.folder, found.root
    return folder, _checkout(folder) if root is None else Path(root)


def _checkout(folder: Path) -> Path:
    """Return the checkout that a run's folder lies in, or the current folder."""
    whole = folder.resolve()
    inside = whole.parent.parts[-len(TRAINED.parts) :] == TRAINED.parts
    return whole.parents[len(TRAINED.parts)] if inside else Path()
