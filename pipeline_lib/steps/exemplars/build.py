"""Build the hierarchy of exemplars from cached regions."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.arrays import MORE, Array
from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.shards import Reader
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.closure import code_digest
from pipeline_lib.clustering.problems import cluster_each
from pipeline_lib.clustering.result import Clustering
from pipeline_lib.clustering.scaling import Scaler
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest
from pipeline_lib.knowledge.exemplars.hierarchy import (
    NOTHING,
    Exemplars,
    Filed,
    gather,
    nearest_members,
)
from pipeline_lib.params.exemplars import Exemplars as Params
from pipeline_lib.progress import Track

CLUSTERING = Tensors(
    "clustering of a tag",
    stage="exemplars",
    arrays=(Array("labels", "int64", ("regions",)), Array("{learned}", "", ("clusters", MORE))),
)


@dataclass(frozen=True)
class Hierarchy:
    """The exemplars and what they were made of."""

    filed: Filed
    exemplars: Exemplars
    scaler: Scaler
    learned: dict[str, np.ndarray]  # what the clusterer keeps of each prototype (prototypes, …)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of artifacts/exemplars.py VSE."""
        return self.learned | {
            "mean": self.exemplars.mean,
            "counts": self.exemplars.counts.astype(np.int32),
            "tag": self.exemplars.tag.astype(np.int32),
            "size": self.exemplars.size.astype(np.int64),
            "retained": self.exemplars.retained,
            "low": self.scaler.low,
            "high": self.scaler.high,
        }


def build(
    reader: Reader,
    table: SampleTable,
    classes: np.ndarray,
    params: Params,
    parts: Path,
    *,
    device: str | None = None,
    track: Track,
) -> Hierarchy:
    """Cluster the supervised regions of each tag; finished tags survive a kill.

    Tags with many regions are clustered on ``device`` ("cuda") where one is given.

    Raises:
        InputError: no region is supervised, or all of them are noise.
    """
    filed, scaler = file_regions(reader, table, classes)
    groups = filed.groups(params.condition)
    found = list(_cluster(filed, groups, params, parts / "clusterings", device, track))
    exemplars = gather(filed, groups, [own.labels for own in found], params.keep)
    if not len(exemplars):
        raise InputError(
            f"exemplars: {params.algorithm.name} finds no cluster among {len(filed)} regions of "
            f"{len(groups)} tags, all is noise; expected some; ask for smaller or looser clusters "
            "in `exemplars.algorithm`"
        )
    learned = {name: _of_used(name, found) for name in found[0].learned}
    return Hierarchy(filed, exemplars, scaler, learned)


def _of_used(name: str, found: list[Clustering]) -> np.ndarray:
    """Return what was learned of the clusters that have members, group by group, as ``gather``."""
    return np.concatenate([own.learned[name][own.sizes > 0] for own in found])


def file_regions(reader: Reader, table: SampleTable, classes: np.ndarray) -> tuple[Filed, Scaler]:
    """Sort the supervised regions of the training images by tag; learn their range."""
    assigned = reader.whole("assigned")
    image, region = np.nonzero((assigned != NOTHING) & table.in_training[:, None])
    if not len(image):
        raise InputError(
            f"{reader.folder}: no region of a training image carries a tag, expected some to "
            "build exemplars from; re-run `dvc repro`"
        )
    order = np.lexsort((region, image, assigned[image, region]))
    image, region = image[order], region[order]
    found = reader.whole("descriptors")[image, region].astype(np.float32)
    scaler = Scaler.of(found)
    x = scaler.apply(found).astype(np.float32)
    return Filed(image, region, assigned[image, region], x, classes[image]), scaler


def _cluster(
    filed: Filed,
    groups: list[np.ndarray],
    params: Params,
    parts: Path,
    device: str | None,
    track: Track,
) -> Iterator[Clustering]:
    """Yield what is found in every group, from finished parts where there are any."""
    settings, code = params.algorithm.model_dump(), code_digest(cluster_each.__module__)
    keys = [digest([settings, code, filed.x[own].tobytes().hex()]) for own in groups]
    paths = [parts / f"{key}.safetensors" for key in keys]
    missing = [i for i, path in enumerate(paths) if not _whole(path)]
    problems = [filed.x[groups[i]] for i in missing]
    fitted = cluster_each(problems, params.algorithm, device=device, track=track)
    for i, found in zip(missing, fitted, strict=True):
        arrays = {"labels": found.labels, **found.learned}
        CLUSTERING.write(paths[i], arrays, count=found.count)
    for path in paths:
        arrays, about = CLUSTERING.read(path)
        yield Clustering(arrays.pop("labels"), about["count"], arrays)


def _whole(path: Path) -> bool:
    """Say whether a part can be read; a damaged one is computed again."""
    try:
        with CLUSTERING.opened(path):
            return True
    except InputError:
        return False


def prototype_table(found: Hierarchy, ids: list[str], tag_names: list[str]) -> pl.DataFrame:
    """Return one row per prototype."""
    exemplars, filed = found.exemplars, found.filed
    held = exemplars.counts.any(1)
    members = [
        [{"sample_id": ids[filed.image[i]], "region": int(filed.region[i])} for i in own]
        for own in nearest_members(filed, exemplars)
    ]
    return pl.DataFrame(
        {
            "prototype": np.arange(len(exemplars), dtype=np.int32),
            "tag": exemplars.tag.astype(np.int32),
            "name": [tag_names[tag] for tag in exemplars.tag],
            "size": exemplars.size.astype(np.int64),
            "retained": exemplars.retained,
            "majority": np.where(held, exemplars.counts.argmax(1), NOTHING).astype(np.int32),
            "share": exemplars.counts.max(1) / exemplars.size,
            "members": pl.Series(
                members,
                dtype=pl.List(pl.Struct({"sample_id": pl.String, "region": pl.Int32})),
            ),
        }
    )
