"""Where pictures lie that nobody ingested."""

import io
import os

import numpy as np
import polars as pl
import pytest
from PIL import Image

from pipeline_lib.datasets.decode import BadImage
from pipeline_lib.datasets.reader import Item, Rejection
from pipeline_lib.errors import InputError
from pipeline_lib.prediction.sources import find_pictures
from tests.prediction.untrained import photographs


def png(value=0):
    file = io.BytesIO()
    Image.fromarray(np.full((4, 4, 3), value, np.uint8)).save(file, "PNG")
    return file.getvalue()


def ids(found):
    return [item.key if isinstance(item, Item) else item.item for item in found.items()]


def test_a_folder_gives_its_pictures_in_order_and_counts_what_is_none(tmp_path):
    photographs(tmp_path, 3)
    for name in ("Überraschung Nr. 1.JPG", "a/IMG.2024", "b/x.heic"):
        (tmp_path / name).write_bytes(png())
    for name in ("Thumbs.db", ".DS_Store", "a/notes.txt", "tags.csv"):
        (tmp_path / name).write_text("x")
    found = find_pictures([str(tmp_path)])
    expected = ["Überraschung Nr. 1.JPG", "a/0000.png", "a/IMG.2024", "b/0001.png", "b/0002.png"]
    assert ids(found) == [*expected, "b/x.heic"]
    assert (len(found), found.left_out()) == (6, 2)
    assert found.load("a/IMG.2024", None) == png()


def test_a_name_that_is_no_text_gets_a_reason(tmp_path):
    os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")
    with open(os.fsencode(tmp_path) + b"/caf\xe9/1.png", "wb") as file:
        file.write(png())
    (found,) = find_pictures([str(tmp_path)]).items()
    assert found == Rejection("caf\\udce9/1.png", "file name is not UTF-8", "rename the file")


def test_files_are_taken_as_they_are_named(tmp_path):
    photographs(tmp_path, 2)
    names = [str(tmp_path / name) for name in ("b/0001.png", "a/0000.png")]
    found = find_pictures(names)
    assert ids(found) == names
    size, changed = found.state(names[0])
    assert size == os.path.getsize(names[0])
    assert changed > 0
    assert found.state("gone.png") == (0, 0)


@pytest.mark.parametrize("column", ["bytes", "struct"])
def test_parquet_gives_its_rows(tmp_path, column):
    cells = [png(1), None, png(3)]
    if column == "struct":
        cells = [cell and {"bytes": cell, "path": "x.png"} for cell in cells]
    table = pl.DataFrame({"key": [5, 6, 7], "image": cells, "label": ["x", None, "y"]})
    (tmp_path / "rows").mkdir()
    for name in ("train-00000-of-00002.parquet", "train-00001-of-00002.parquet"):
        table.write_parquet(tmp_path / "rows" / name)
    found = find_pictures([str(tmp_path / "rows")])
    assert (len(found), ids(found)) == (6, ["5", "6", "7"] * 2)
    file = "train-00001-of-00002.parquet"
    assert found.load(file, 2) == png(3)
    with pytest.raises(BadImage, match="no image: the cell is null"):
        found.load(file, 1)
    found = find_pictures([str(tmp_path / "rows" / file)], id_column="label")
    assert [type(item) for item in found.items()] == [Item, Rejection, Item]
    assert ids(find_pictures([str(tmp_path / "rows" / file)], id_column=""))[0] == f"{file}:0"


def test_what_cannot_be_meant_is_refused(tmp_path):
    photographs(tmp_path, 2)
    picture = str(tmp_path / "a/0000.png")
    for paths, message in (
        ([str(tmp_path / "gone")], r"gone: no such file or folder"),
        ([picture, str(tmp_path)], "stands beside other paths, expected pictures alone"),
        ([picture, picture], r"0000\.png: is named twice"),
    ):
        with pytest.raises(InputError, match=message):
            find_pictures(paths)
    with pytest.raises(InputError, match="columns are named, expected Parquet that has some"):
        find_pictures([picture], image_column="picture")
    (tmp_path / "none").mkdir()
    (tmp_path / "none/notes.txt").write_text("x")
    with pytest.raises(InputError, match="no picture found here or below, among 1 files"):
        find_pictures([str(tmp_path / "none")])
