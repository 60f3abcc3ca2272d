"""Arrays with one row per image, in shards that are read by row: too large to hold in memory."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from pipeline_lib.artifacts import tensors
from pipeline_lib.artifacts.arrays import Array
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError

SHARD_BYTES = 2**28  # at most, unless a single chunk is larger
ORIGIN = ("backbone", "preprocess", "encoded", "made")  # keys of a header that outlive the arrays


class ShardIndex(dy.Schema):
    """One row per image: where its arrays are."""

    sample_id = dy.String(primary_key=True, min_length=1)
    shard = dy.Int32(min=0)
    row = dy.Int32(min=0)  # within the shard


@dataclass(frozen=True)
class Shards:
    """One kind of sharded artifact: a folder with an index and numbered tensor files."""

    artifact: str
    stage: str
    arrays: tuple[Array, ...]
    version: int = 1

    @property
    def index(self) -> Table:
        """The index's contract."""
        return Table(ShardIndex, stage=self.stage)

    @property
    def file(self) -> Tensors:
        """A shard's contract."""
        file = "{item}/rows-*.safetensors"
        return Tensors(self.artifact, self.stage, self.arrays, self.version, file)

    def write(
        self,
        folder: Path,
        sample_ids: Sequence[str],
        chunks: Iterable[dict[str, np.ndarray]],
        **header: Any,
    ) -> None:
        """Write the arrays of ``sample_ids`` (sorted), which come in chunks, and a header."""
        shard, row = list[int](), list[int]()
        for number, chunk in enumerate(_merged(chunks)):
            self.file.write(shard_path(folder, number), chunk, **header)
            rows = _rows(chunk)
            shard += [number] * rows
            row += range(rows)
        index = {
            "sample_id": list(sample_ids),
            "shard": np.asarray(shard, np.int32),
            "row": np.asarray(row, np.int32),
        }
        self.index.write(pl.DataFrame(index), folder / "index.parquet")

    def open(self, folder: Path, sample_ids: Sequence[str]) -> "Reader":
        """Open for reading by row.

        Raises:
            InputError: the folder's images are not exactly ``sample_ids``.
        """
        index = self.index.read(folder / "index.parquet")
        if index["sample_id"].to_list() != list(sample_ids):
            raise InputError(
                f"{folder}: holds {len(index)} other images than the {len(sample_ids)} asked for; "
                f"re-run `dvc repro {self.stage}`"
            )
        return Reader(self, folder, index["shard"].to_numpy(), index["row"].to_numpy())


@dataclass
class Reader:
    """Random access by row of the sample table; it can be sent to other processes."""

    kind: Shards
    folder: Path
    shard: np.ndarray
    row: np.ndarray
    _open: dict[int, Any] = field(default_factory=dict, init=False, repr=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.shard)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the open files behind."""
        return {k: v for k, v in vars(self).items() if not k.startswith("_")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _open={}, _stack=ExitStack())

    @property
    def header(self) -> dict[str, Any]:
        """What was written beside the arrays."""
        with self.kind.file.opened(shard_path(self.folder, 0)) as (_, header):
            return header

    @property
    def origin(self) -> dict[str, Any]:
        """Which network made the arrays, of what inputs and how many: what stages hand on."""
        header = self.header
        return {name: header.get(name) for name in ORIGIN}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of one row of every array."""
        file = self._file(0)
        return {name: tuple(file.get_slice(name).get_shape()[1:]) for name in file.keys()}  # noqa: SIM118

    def rows(self, rows: Sequence[int] | np.ndarray, name: str) -> np.ndarray:
        """Return some rows of an array, in the order asked for."""
        out: np.ndarray | None = None
        wanted = np.asarray(rows, np.int64)
        for shard in np.unique(self.shard[wanted]).tolist():
            tensor = self._file(shard).get_slice(name)
            for place in np.flatnonzero(self.shard[wanted] == shard):
                row = int(self.row[wanted[place]])
                found = tensor[row : row + 1]
                if out is None:
                    out = np.empty((len(wanted), *found.shape[1:]), found.dtype)
                out[place] = found[0]
        if out is None:
            raise ValueError("rows: expected at least one")
        return out

    def chunks(self, name: str) -> Iterator[np.ndarray]:
        """Yield an array shard by shard, in the order of the sample table."""
        for shard in np.unique(self.shard).tolist():
            yield self._file(shard).get_tensor(name)

    def whole(self, name: str) -> np.ndarray:
        """Return an array of every image."""
        return np.concatenate(list(self.chunks(name)))

    def _file(self, shard: int) -> Any:
        if shard not in self._open:
            opened = self.kind.file.opened(shard_path(self.folder, shard))
            self._open[shard] = self._stack.enter_context(opened)[0]
        return self._open[shard]


def _merged(chunks: Iterable[dict[str, np.ndarray]]) -> Iterator[dict[str, np.ndarray]]:
    """Join chunks until a shard is full."""
    waiting: list[dict[str, np.ndarray]] = []
    size = 0
    for chunk in chunks:
        more = sum(array.nbytes for array in chunk.values())
        if waiting and size + more > SHARD_BYTES:
            yield _joined(waiting)
            waiting, size = [], 0
        waiting.append(chunk)
        size += more
    if waiting:
        yield _joined(waiting)


def _joined(chunks: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _rows(chunk: dict[str, np.ndarray]) -> int:
    return len(next(iter(chunk.values())))


def shard_path(folder: Path, shard: int) -> Path:
    """Return the path of one shard."""
    return folder / f"rows-{shard:05d}.safetensors"


def artifact_of(folder: Path) -> str:
    """Return the name of the artifact in a folder; "" where there is none."""
    return str(header_of(folder).get("artifact", ""))


def header_of(folder: Path) -> dict[str, Any]:
    """Return what a folder's shards say of themselves; nothing where there is none."""
    return tensors.header_of(shard_path(folder, 0))


POOLED = Array("pooled", "float16", ("images", "pooled"), "what the network makes of the whole map")
MAPS = Shards(
    "maps",
    stage="maps",
    arrays=(
        Array("maps", "float16", ("images", "channels", "height", "width"), "feature maps"),
        POOLED,
    ),
    version=2,  # says what made it
)
REGIONS = Shards(
    "regions",
    stage="regions",
    arrays=(
        Array("theta", "float32", ("images", "regions", 2, 3), "affine boxes in -1…1"),
        Array("descriptors", "float16", ("images", "regions", "dims"), "what is inside"),
        Array("tags", "float16", ("images", "regions", "tags"), "logits"),
        # the same of a fixed lattice of boxes, of the size in the header (``lattice``)
        Array("lattice", "float16", ("images", "regions", "dims"), "what is inside", optional=True),
        Array("lattice_tags", "float16", ("images", "regions", "tags"), "logits", optional=True),
        Array(
            "assigned",
            "int32",
            ("images", "regions"),
            "the tag that supervised a region of a training image, or -1",
        ),
        POOLED,
    ),
    version=2,  # says what made it
)
