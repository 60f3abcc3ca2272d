"""What a run makes of the images of some splits, as one Parquet file for viewers of embeddings.

Columns are named as Embedding Atlas and Hugging Face's data sets name them: ``projection_x``,
``projection_y``, and ``image`` as a struct of bytes and path.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from pipeline_lib.api.runs import EVALUATED, SCORES_FILE, WEIGHTS_FILE, Runs
from pipeline_lib.artifacts.atomic import replacing
from pipeline_lib.artifacts.evaluation import EMBEDDING
from pipeline_lib.artifacts.labelled import Labelled, read_labelled
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.artifacts.thresholds import THRESHOLDS_FILE, read_thresholds
from pipeline_lib.datasets.images import Images
from pipeline_lib.datasets.location import locate
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.decisions import exceeding
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.nearest import nearest
from pipeline_lib.prediction.table import beliefs
from pipeline_lib.progress import Track
from pipeline_lib.project.comparing.elsewhere import one_class_each

Pictures = Literal["bytes", "paths", "none"]
ROWS_PER_GROUP = 512  # that are in memory at once, with their pictures
QUALITY = 90  # of JPEG
INGEST = Path("data/artifacts/ingest")
PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
SCHEMA = pa.schema(
    [
        ("sample_id", pa.string()),
        ("split", pa.string()),
        ("image", PICTURE),  # as Hugging Face's data sets store one; null where none is wanted
        ("embedding", pa.list_(pa.float32())),  # what the first seed classified
        ("projection_x", pa.float64()),  # in the plane of `evaluate`; null of images beyond it
        ("projection_y", pa.float64()),
        ("classes", pa.list_(pa.string())),
        ("tags", pa.list_(pa.string())),
        ("label", pa.string()),  # what the image carries of what is predicted, in one text
        ("prediction", pa.string()),  # the first seed's likeliest class or tag
        ("probability", pa.float32()),  # of it
        ("predicted_tags", pa.list_(pa.string())),  # above their thresholds; null of classes
        ("correct", pa.bool_()),  # whether the image carries the prediction; null: left open
    ]
)


@dataclass(frozen=True)
class Written:
    """What a file came to hold."""

    images: int
    placed: int  # of them that lie in the plane


@dataclass(frozen=True)
class _Run:
    """A run whose scores and features are read in pieces."""

    folder: Path
    table: Labelled
    about: dict[str, Any]  # the header of its weights
    seed: int
    exclusive: bool  # whether an image is of one of the names: softmax, else sigmoids
    cuts: np.ndarray | None  # of tags: the logit above which each is named
    plane: dict[str, tuple[float, float]]

    def rows(self, split: str, rows: np.ndarray, at: slice) -> dict[str, Any]:
        """Return the columns of some images of a split but their pictures."""
        scores, features = (self._array(split, what, at) for what in ("logits", "features"))
        likely = beliefs(scores, 1.0 if self.exclusive else None)
        first, names = scores.argmax(1), self.about["names"]
        target, here = self.about["target"], rows[at]
        carried = self.table.targets(target, here)
        likeliest = (np.arange(len(first)), first)
        left_open = self.table.difficult(target, here) | self.table.unknown(target, here)
        known = (carried | ~left_open)[likeliest]
        ids = self.table.ids_of(here)
        places = [self.plane.get(one, (None, None)) for one in ids]
        tags = None if self.cuts is None else exceeding(scores, self.cuts)
        return {
            "sample_id": ids,
            "split": [split] * len(ids),
            "embedding": features.astype(np.float32).tolist(),
            "projection_x": [x for x, _ in places],
            "projection_y": [y for _, y in places],
            "classes": _names(self.table.targets("classes", here), self.table.class_names),
            "tags": _names(self.table.targets("tags", here), self.table.tag_names),
            "label": [", ".join(some) for some in _names(carried, names)],
            "prediction": [names[j] for j in first],
            "probability": likely[likeliest],
            "predicted_tags": [None] * len(ids) if tags is None else _names(tags, names),
            "correct": pa.array(carried[likeliest], mask=~known),
        }

    def _array(self, split: str, what: str, at: slice) -> np.ndarray:
        with SCORES.opened(self.folder / SCORES_FILE) as (file, _):
            found: np.ndarray = file.get_slice(f"{self.seed}/{split}/{what}")[at]
            return found


def export_features(
    root: Path,
    run: str,
    out: Path,
    splits: Sequence[str],
    *,
    pictures: Pictures,
    side: int,
    track: Track,
) -> Written:
    """Write a row for every image of some splits, one row group at a time.

    Args:
        root: the checkout.
        run: its name.
        out: the Parquet file.
        splits: those that the run scored.
        pictures: as JPEG of at most ``side`` pixels, as paths of the files, or none.
        side: the longer one of a picture, in pixels; smaller ones stay as they are.
        track: shows the progress.

    Raises:
        InputError: there is no such run or split; or pictures lie in no files of their own.
    """
    found = _opened(root, run, splits)
    show = _Shown.of(root, found.table, pictures, side)
    pieces = [
        (split, rows, slice(start, min(start + ROWS_PER_GROUP, len(rows))))
        for split in splits
        for rows in [found.table.rows(split)]
        for start in range(0, len(rows), ROWS_PER_GROUP)
    ]
    images = placed = 0
    with replacing(out) as temporary, pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as to:
        for split, rows, at in track(pieces, label="row groups", total=len(pieces)):
            columns = found.rows(split, rows, at) | {"image": show.images(rows[at])}
            to.write_table(pa.table(columns, schema=SCHEMA))
            images += len(columns["sample_id"])
            placed += sum(x is not None for x in columns["projection_x"])
    return Written(images, placed)


def _opened(root: Path, name: str, splits: Sequence[str]) -> _Run:
    folder = Runs(root)[name].folder
    with WEIGHTS.opened(folder / WEIGHTS_FILE) as (_, about):
        pass
    table = read_labelled(root / INGEST / "samples.parquet", root / INGEST / "categories.parquet")
    with SCORES.opened(folder / SCORES_FILE) as (file, header):
        for split in splits:
            if split not in header["splits"]:
                raise InputError(
                    f"{folder / SCORES_FILE}: has no split '{split}'"
                    f"{nearest(split, header['splits'])}"
                )
            held = file.get_slice(f"{header['seeds'][0]}/{split}/logits").get_shape()[0]
            if held != len(table.rows(split)):
                raise InputError(
                    f"{folder / SCORES_FILE}: scores {held} images of split '{split}', expected "
                    f"{len(table.rows(split))}, those of samples.parquet; re-run `dvc repro train`"
                )
    judged, seed = root / EVALUATED / name, header["seeds"][0]
    places = EMBEDDING.read(judged / "embedding.parquet")
    plane = {one: (x, y) for one, x, y in places.select("sample_id", "x", "y").iter_rows()}
    of_tags = about["target"] == "tags"
    exclusive = not of_tags and one_class_each(table)
    cuts = _cuts(judged, seed, len(about["names"])) if of_tags else None
    return _Run(folder, table, about, seed, exclusive, cuts, plane)


def _cuts(judged: Path, seed: int, names: int) -> np.ndarray:
    """Return the logit above which each tag is named: as chosen on val, else that of 0.5."""
    path = judged / THRESHOLDS_FILE
    chosen = read_thresholds(path) if path.exists() else None
    if chosen is None or chosen.refused:
        return np.zeros(names)
    choice = chosen.of(seed)
    return np.array(choice.by_label or [choice.threshold] * names, float)


@dataclass(frozen=True)
class _Shown:
    """Pictures of rows of the sample table."""

    kind: Pictures
    side: int
    stored: Images
    samples: pl.DataFrame
    place: Path | None  # of the data set, where paths are wanted

    @classmethod
    def of(cls, root: Path, table: Labelled, kind: Pictures, side: int) -> "_Shown":
        stored = Images(root / INGEST / "images.safetensors", table.samples)
        dataset = Dataset.load("dataset", root / "params.yaml") if kind == "paths" else None
        place = locate(dataset.path, root).absolute() if dataset else None
        return cls(kind, side, stored, table.samples, place)

    def images(self, rows: np.ndarray) -> list[dict[str, Any] | None]:
        """Return the struct of each picture."""
        if self.kind == "none":
            return [None] * len(rows)
        if self.place is not None:
            return [{"bytes": None, "path": str(path)} for path in self._paths(rows, self.place)]
        pixels = self.stored.pixels(rows.tolist())
        return [{"bytes": _jpeg(one, self.side), "path": None} for one in pixels]

    def _paths(self, rows: np.ndarray, place: Path) -> Iterator[Path]:
        for row in rows.tolist():
            one = self.samples.row(row, named=True)
            path = place / one["path"]
            if one["row"] is not None or not path.is_file():
                raise InputError(
                    f"image '{one['sample_id']}' is no file of its own below {place}, expected "
                    "one, to name its path; write pictures as bytes instead: --pictures bytes"
                )
            yield path


def _jpeg(pixels: np.ndarray, side: int) -> bytes:
    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side))
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()


def _names(chosen: np.ndarray, names: Sequence[str]) -> list[list[str]]:
    """Return the names that are chosen in each row, bool (images, names)."""
    return [[names[j] for j in np.flatnonzero(row).tolist()] for row in chosen]
