"""A folder of photographs as people have them, of Parquet rows with bytes, classes and tags.

    python -m benchmarks.photographs PHOTOS HELD_OUT FILE.parquet [FILE.parquet ...]

Writes JPEGs in folders of their classes and `tags.csv` (file, tags), and apart from them pictures
that nobody labelled. Planted among 1,500: 12 wrong classes, 10 near-duplicates (saved anew), a
truncated JPEG, a HEIC that is none, a WebP, a name with spaces, and files of systems; what and
where is told by `HELD_OUT/planted.json`, beside the true classes of what was held out. Equal input
gives equal bytes.
"""

import argparse
import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import polars as pl
from PIL import Image

LABELLED, HELD, WRONG, NEAR = 1500, 20, 12, 10
TURNED = 3  # degrees
Row = dict[str, Any]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("held_out", type=Path)
    parser.add_argument("parquet", type=Path, nargs="+")
    given = parser.parse_args()
    print(json.dumps(make(given.photos, given.held_out, given.parquet)))


def make(photos: Path, held_out: Path, parquet: list[Path], seed: int = 0) -> dict[str, int]:
    """Write both folders; return how many files they hold."""
    draw = random.Random(seed)
    rows = pl.concat([pl.read_parquet(path) for path in parquet], how="diagonal_relaxed")
    places = list(range(len(rows)))
    draw.shuffle(places)
    held, labelled = places[:HELD], places[HELD : HELD + LABELLED]
    classes = sorted(rows["class_name"].unique())
    tags: dict[str, Row] = {}
    planted: dict[str, Any] = {"wrong": {}, "near_duplicates": {}}
    for number, place in enumerate(labelled):
        row = rows.row(place, named=True)
        name = row["class_name"]
        if number < WRONG:
            name = draw.choice([other for other in classes if other != name])
        path = f"{name}/IMG_{place:05d}.jpg"
        _write(photos / path, row["image"])
        tags[path] = row
        if number < WRONG:
            planted["wrong"][path] = row["class_name"]
        elif number < WRONG + NEAR:
            again = f"{row['class_name']}/copy_{place:05d}.jpg"
            _write(photos / again, _saved(row["image"], "JPEG", quality=70))
            tags[again] = row
            planted["near_duplicates"][again] = path
    _odd(photos, photos / min(tags))
    _write_tags(photos / "tags.csv", tags)
    for place in held:
        row = rows.row(place, named=True)
        _write(held_out / f"{place:05d}.jpg", row["image"])
        planted.setdefault("held_out", {})[f"{place:05d}.jpg"] = row["class_name"]
    (held_out / "planted.json").write_text(json.dumps(planted, indent=2, sort_keys=True) + "\n")
    return {"photos": len(list(photos.rglob("*.*"))), "held_out": len(held)}


def _odd(photos: Path, first: Path) -> None:
    """Write what lies in folders beside sound pictures."""
    whole, folder = first.read_bytes(), first.parent
    _write(folder / "truncated.jpg", whole[: len(whole) // 2])
    _write(folder / "IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    _write(folder / "x.webp", _saved(whole, "WEBP", turned=TURNED))
    _write(folder / "Überraschung Nr. 1.JPG", _saved(whole, "JPEG", turned=-TURNED))
    for system in ("Thumbs.db", ".DS_Store"):
        _write(photos / system, b"x")


def _saved(encoded: bytes, kind: str, *, turned: int = 0, **options: int) -> bytes:
    kept = io.BytesIO()
    Image.open(io.BytesIO(encoded)).convert("RGB").rotate(turned).save(kept, kind, **options)
    return kept.getvalue()


def _write_tags(path: Path, tags: dict[str, Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "tags"])
        for name, row in sorted(tags.items()):
            named = ";".join(f"ingredient_{tag:03d}" for tag in row["ingredients"])
            writer.writerow([name, named])


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main()
