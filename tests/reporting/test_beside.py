import hashlib
import io
import os

import numpy as np
import pytest
from PIL import Image

from pipeline_lib.reporting import collection
from pipeline_lib.reporting.beside import Beside
from pipeline_lib.reporting.pictures import LOSSLESS_SIDE, SIDE, encoded


def decoded(picture):
    return np.asarray(Image.open(io.BytesIO(picture.content)))


def test_small_pictures_keep_every_pixel():
    pixels = np.random.default_rng(0).integers(0, 256, (LOSSLESS_SIDE, 20, 3), np.uint8)
    picture = encoded(pixels)
    assert (picture.kind, picture.width, picture.height) == ("png", 20, LOSSLESS_SIDE)
    assert np.array_equal(decoded(picture), pixels)


def test_large_pictures_are_reduced_in_proportion():
    picture = encoded(np.full((100, 200, 3), 90, np.uint8))
    assert (picture.kind, picture.width, picture.height) == ("jpg", SIDE, SIDE // 2)
    assert np.abs(decoded(picture).astype(int) - 90).max() <= 2


def test_a_file_is_named_by_its_content_and_kept_once():
    beside = Beside()
    name = f"pictures/{hashlib.sha256(b'one').hexdigest()[:16]}.png"
    assert [beside.add("pictures", b"one", "png") for _ in range(2)] == [name, name]
    assert (len(beside), beside[name]) == (1, b"one")


def test_a_folder_that_dvc_does_not_know_is_refused():
    with pytest.raises(ValueError, match=r"beside the page in 'films', expected one of \('pict"):
        Beside().add("films", b"", "mp4")


def test_files_are_there_before_the_page_and_those_of_the_page_before_until_then(
    tmp_path, monkeypatch
):
    first, second = Beside(), Beside()
    old, new = first.add("pictures", b"old", "png"), second.add("pictures", b"new", "png")
    first.publish(tmp_path, "first")
    there = []

    def seen(path, content):
        there.append({link for link in (old, new) if (tmp_path / link).exists()})
        path.write_bytes(content)

    monkeypatch.setattr("pipeline_lib.reporting.beside.write_bytes", seen)
    second.publish(tmp_path, "second")
    assert there == [{old}, {old, new}]  # as the picture was written, and the page
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {os.path.basename(new)}
    assert (tmp_path / "index.html").read_text() == "second"


def test_pictures_of_many_images_are_read_a_part_at_a_time_in_their_order(workspace, monkeypatch):
    monkeypatch.setattr(collection, "AT_ONCE", 4)
    found = workspace.collection
    pictures = found.pictures(range(10), "tags", side=4)
    assert [p.title for p in pictures] == [
        f"{found.ids[row]}: {found.label(row, 'tags')}" for row in range(10)
    ]
    assert {(p.width, p.height) for p in pictures} == {(4, 4)}
    whole = found.pictures([9])[0]
    kept = np.asarray(Image.open(io.BytesIO(found.beside[whole.link])))
    assert np.array_equal(kept, found.images.pixels([9])[0])
