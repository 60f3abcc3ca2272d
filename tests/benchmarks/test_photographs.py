import csv
import json

import polars as pl
from PIL import Image

from benchmarks import photographs


def test_a_folder_of_photographs_with_planted_faults_is_made_twice_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(photographs, "LABELLED", 30)
    rows = []
    for number in range(52):
        Image.new("RGB", (24, 16), (4 * number, 90, 200)).save(tmp_path / "one.jpg")
        name, image = ("pie", "soup")[number % 2], (tmp_path / "one.jpg").read_bytes()
        rows.append({"class_name": name, "image": image, "ingredients": [number % 3, 7]})
    pl.DataFrame(rows).write_parquet(tmp_path / "rows.parquet")
    found = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        photos, held = folder / "photos", folder / "held"
        photographs.make(photos, held, [tmp_path / "rows.parquet"])
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        found.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})
    assert found[0] == found[1]
    planted = json.loads(found[0]["held/planted.json"])
    assert {key: len(value) for key, value in planted.items()} == {
        "wrong": 12, "near_duplicates": 10, "held_out": 20
    }  # fmt: skip
    with (photos / "tags.csv").open(encoding="utf-8", newline="") as file:
        tags = {row["file"]: row["tags"] for row in csv.DictReader(file)}
    assert len(tags) == 40
    assert all((photos / name).is_file() for name in tags)
    for path, right in planted["wrong"].items():
        assert path.partition("/")[0] != right
    for again, of in planted["near_duplicates"].items():
        assert tags[again] == tags[of]
        assert (photos / again).read_bytes() != (photos / of).read_bytes()
