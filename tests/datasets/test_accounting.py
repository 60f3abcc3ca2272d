"""held = used + rejected + ignored, to the file, whatever lies in a data set."""

import os
from collections import Counter
from pathlib import Path

import pytest

from pipeline_lib.artifacts.samples import IGNORED
from pipeline_lib.datasets.files import walk
from pipeline_lib.datasets.location import DATA, note
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest
from tests.datasets.tables import write


def fill(root, encoded, *paths):
    for number, path in enumerate(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(encoded(number) if "txt" not in path else b"notes")


def run(root, dataset, **changes):
    params = dataset(root, **changes)
    found = ingest(open_reader(params)[1], params, track=silent)
    IGNORED.check(found.ignored, root)
    return found


FOLDERS = ("train/cat/1.png", "train/dog/2.png", "test/cat/3.png", "test/dog/4.ppm")


def test_every_file_is_used_rejected_or_ignored_with_a_reason(tmp_path, dataset, encoded):
    beside = ["notes.txt", "train/cat/.DS_Store", "train/cat/Thumbs.db", ".old/5.png", ".old/6.png"]
    fill(tmp_path, encoded, *FOLDERS, *beside, "train/cat/README", "unused.csv")
    (tmp_path / "train/cat/README").write_bytes(b"text")
    (tmp_path / "train/cat/cut.jpg").write_bytes(b"")
    found = run(tmp_path, dataset, max_rejected=0.5)
    assert found.ignored["item", "reason", "count"].rows() == [
        (".old/", "hidden file", 2),
        ("notes.txt", "not an image: .txt", 1),
        ("train/cat/.DS_Store", "hidden file", 1),
        ("train/cat/README", "not an image: no extension", 1),
        ("train/cat/Thumbs.db", "hidden file", 1),
        ("unused.csv", "a table that is not read: .csv", 1),
    ]
    assert found.account.document() == {
        "held": 12,
        "sources": 0,
        "used": {"test": 2, "train": 2},
        "rejected": {"empty file": 1},
        "ignored": {
            "a table that is not read: .csv": 1,
            "hidden file": 4,
            "not an image: .txt": 1,
            "not an image: no extension": 1,
        },
    }
    assert found.account.held == len(list(walk(tmp_path)))


def test_a_data_set_elsewhere_is_accounted_for_alike_and_nothing_names_its_place(
    tmp_path, dataset, encoded, monkeypatch
):
    monkeypatch.delenv(DATA, raising=False)
    monkeypatch.chdir(tmp_path)
    place = Path("data/raw/images")
    fill(place, encoded, *FOLDERS, "notes.txt", "train/cat/.DS_Store")
    (place / "labels.csv").write_text("path,tags\ntrain/cat/1.png,fur\ngone.png,fur\n")
    (place / "train/dog/cut.png").write_bytes(encoded(5)[:-20])
    here = run(place, dataset, max_rejected=0.9)
    place.rename(tmp_path / "elsewhere")
    note("data/raw/images", tmp_path / "elsewhere")
    there = run(place, dataset, max_rejected=0.9)
    assert there.account == here.account
    assert there.account.ignored["hidden file"] == 1
    for table in ("samples", "rejected", "ignored", "duplicates"):
        assert getattr(here, table).equals(getattr(there, table)), table


def test_images_that_a_list_does_not_name_are_counted(tmp_path, dataset, encoded):
    fill(tmp_path, encoded, "a/1.png", "a/2.png", "a/3.png", "a/4.heic")
    (tmp_path / "labels.csv").write_text(
        "path,split,class\na/1.png,train,cat\na/2.png,train,dog\na/3.png,test,cat\na/5.png,test,cat\n"
    )
    found = run(tmp_path, dataset, max_rejected=0.5)
    assert found.ignored.rows() == [("a/4.heic", "an image that no list names", 1, "")]
    assert found.account.text() == (
        "held 5 = used 3 + rejected 1 (missing file 1) + ignored 1 (an image that no list names 1)"
    )
    assert found.account.sources == 1


def test_many_files_of_one_folder_share_a_row_and_the_sum_stays(tmp_path, dataset, encoded):
    fill(tmp_path, encoded, *FOLDERS, *(f"train/cat/{n}.txt" for n in range(101)), "train/1.txt")
    found = run(tmp_path, dataset)
    assert found.ignored["item", "count"].rows() == [("train/1.txt", 1), ("train/cat/", 101)]
    assert found.account.held == len(list(walk(tmp_path)))


def test_a_file_whose_name_is_no_text_is_counted_too(tmp_path, dataset, encoded):
    fill(tmp_path, encoded, *FOLDERS)
    with open(os.fsencode(tmp_path) + b"/train/caf\xe9.doc", "wb"):
        pass
    found = run(tmp_path, dataset)
    assert found.ignored["item"].to_list() == ["train/caf\\udce9.doc"]


def test_a_linked_folder_is_refused_with_the_remedy(tmp_path, dataset, encoded):
    fill(tmp_path, encoded, *(f"data/{path}" for path in FOLDERS), "elsewhere/5.png")
    (tmp_path / "data/train/bird").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(
        InputError, match=r"train/bird: is a link to the folder .*elsewhere.*cp -rs"
    ):
        run(tmp_path / "data", dataset)


def test_linked_files_and_a_linked_data_set_are_fine(tmp_path, dataset, encoded):
    fill(tmp_path, encoded, *(f"data/{path}" for path in FOLDERS), "5.png")
    (tmp_path / "data/train/cat/5.png").symlink_to(tmp_path / "5.png")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert Counter(run(tmp_path / "link", dataset).samples["split"]) == {"train": 3, "test": 2}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_columns_that_nothing_reads_are_said(tmp_path, dataset, encoded, kind):
    splits, labels = ["train", "train", "test"], ["cat", "dog", "cat"]
    columns = {"split": splits, "label": labels} | {f"odd{n}": labels for n in range(10)}
    if kind == "parquet":
        write(tmp_path / "a.parquet", image=[encoded(n) for n in range(3)], **columns)
    else:
        fill(tmp_path, encoded, "0.png", "1.png", "2.png")
        columns = {"path": ["0.png", "1.png", "2.png"]} | columns
        lines = [columns, *zip(*columns.values(), strict=True)]
        (tmp_path / "labels.csv").write_text("\n".join(",".join(line) for line in lines))
    names = ", ".join(f"odd{number}" for number in range(9))
    line = f"columns that are not read: {names} and 1 more (dataset.columns)"
    assert line in run(tmp_path, dataset).remarks.lines()
