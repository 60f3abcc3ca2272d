"""A data set of feature maps in which every tag lights up a channel where its object is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.labelled import Labelled, read_labelled
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.artifacts.shards import MAPS, REGIONS, Reader
from pipeline_lib.methods.vscnet.csnet import CSNet
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.params.exemplars import Exemplars
from pipeline_lib.params.regions import Regions
from pipeline_lib.progress import silent
from pipeline_lib.steps.csnet import Material, header, read_material
from pipeline_lib.steps.regions.find import find_regions
from pipeline_lib.steps.regions.finder import Finder
from pipeline_lib.targets import Target
from tests.clustering.algorithms import FUZZY_ART
from tests.methods.toy import merged
from tests.methods.vscnet.toy import CSNET
from tests.settled import settled

COUNTS = {"train": 20, "val": 6, "test": 4}
CLASSES, TAGS, DIMS, SIDE, POOLED = 3, 5, 5, 6, 7
PREPROCESS = {"size": 48, "crop_pct": 1.0, "crop_mode": "squash"}
REGIONS_SECTION: dict[str, Any] = {
    "source": {"name": "maps"},
    "descriptor": "pooled",
    "lattice": False,
    "random_draws": 3,
    "seed": 0,
}
EXEMPLARS: dict[str, Any] = {
    "condition": "tag",
    "algorithm": FUZZY_ART,
    "keep": {"size": 2, "share": 0.5},
    "similarity": "jaccard",
    "top_tags": 2,
    "filtering": 0.3,
    "temperature": 0.05,
}


def csnet(**changes: Any) -> CsnetSettings:
    return settled(CsnetSettings, merged(CSNET, changes))


def regions(**changes: Any) -> Regions:
    return Regions.model_validate(REGIONS_SECTION | changes)


def exemplars(**changes: Any) -> Exemplars:
    """Another algorithm replaces the usual one whole."""
    whole = {"algorithm": changes.pop("algorithm", FUZZY_ART)}
    return Exemplars.model_validate(merged(EXEMPLARS, changes) | whole)


@dataclass(frozen=True)
class Planted:
    """Where the artifacts lie."""

    folder: Path

    @property
    def samples(self) -> pl.DataFrame:
        return SAMPLES.read(self.folder / "samples.parquet")

    @property
    def ids(self) -> list[str]:
        return self.samples["sample_id"].to_list()

    @property
    def table(self) -> Labelled:
        return read_labelled(self.folder / "samples.parquet", self.folder / "categories.parquet")

    @property
    def maps(self) -> Path:
        return self.folder / "maps"

    @property
    def regions(self) -> Reader:
        return REGIONS.open(self.folder / "regions", self.ids)

    def material(self, target: Target = "classes") -> Material:
        return read_material(self.maps, self.table, target)

    def network(self, **changes: Any) -> dict[str, np.ndarray]:
        """Untrained weights, whose boxes are spread by hand."""
        import torch

        torch.manual_seed(0)
        net = CSNet(csnet(**changes), dims=DIMS, tags=TAGS, classes=CLASSES)
        torch.nn.init.normal_(net.place[2].weight, std=0.3)
        torch.nn.init.normal_(net.start)
        return {name: value.numpy() for name, value in net.state_dict().items()}

    def locate(self, name: str = "regions", **changes: Any) -> None:
        """Write regions of the untrained network."""
        material, finder = self.material(), self.finder(**changes)
        found = find_regions(material, finder, self.no_folds, track=silent)
        REGIONS.write(self.folder / name, self.ids, found)

    @property
    def no_folds(self) -> np.ndarray:
        """Where one network finds the regions of all."""
        return np.full(len(self.ids), -1)

    def finder(self, **changes: Any) -> Finder:
        """What finds regions with the untrained network."""
        about = header(self.material(), csnet())
        return Finder.of(self.network(), about, regions(**changes).descriptor, "cpu")


def planted(folder: Path, *, cells: int = SIDE, tags: bool = True, classes: bool = True) -> Planted:
    """Write samples, categories and maps."""
    rng = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []
    maps, pooled = [], []
    for split, count in sorted(COUNTS.items()):
        for number in range(count):
            own = sorted(rng.choice(TAGS, size=1 + number % 3, replace=False).tolist())
            image = 0.1 * rng.normal(size=(DIMS, cells, cells))
            boxes = []
            for tag in own:
                y, x = rng.integers(0, cells - 1, 2)
                image[tag, y : y + 2, x : x + 2] += 2
                boxes.append({
                    "tag": tag, "x": x / cells, "y": y / cells, "w": 2 / cells, "h": 2 / cells
                })  # fmt: skip
            rows.append({
                "sample_id": f"{split}-{number:02d}", "split": split,
                "classes": [own[0] % CLASSES] if classes else [], "tags": own if tags else [],
                "unknown": None, "captions": None,
                "boxes": boxes if split != "train" else None, "width": 60, "height": 40,
                "sha256": f"{len(rows):064x}", "path": "", "row": None,
            })  # fmt: skip
            maps.append(image)
            pooled.append(rng.normal(size=POOLED) + np.eye(POOLED)[own[0] % CLASSES])
    samples = pl.DataFrame(rows, schema=SAMPLES.dtypes)
    SAMPLES.write(samples, folder / "samples.parquet")
    kinds = {"class": CLASSES * classes, "tag": TAGS * tags}
    CATEGORIES.write(
        pl.DataFrame(
            [
                {
                    "kind": k,
                    "index": i,
                    "name": f"{k}{i}",
                    "seen": True,
                    "train_count": 1,
                    "far": None,
                }
                for k, count in kinds.items()
                for i in range(count)
            ],
            schema=CATEGORIES.dtypes,
        ),
        folder / "categories.parquet",
    )
    arrays = {"maps": np.stack(maps), "pooled": np.stack(pooled)}
    chunk = {name: array.astype(np.float16) for name, array in arrays.items()}
    MAPS.write(folder / "maps", samples["sample_id"].to_list(), [chunk], preprocess=PREPROCESS)
    return Planted(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file; weights say where their input lay, which counts for none."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes().replace(str(folder).encode(), b"")
        for p in sorted(folder.rglob("*.*"))
    }
