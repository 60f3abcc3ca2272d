"""What is a picture by its name, and what only the system knows of."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline_lib.datasets.decode import FORMATS, decode
from pipeline_lib.datasets.files import (
    extension_of,
    extensions,
    is_image,
    is_system,
    visible_images,
)
from pipeline_lib.errors import InputError


@pytest.mark.parametrize("format", FORMATS)
def test_every_extension_of_a_format_that_is_read_is_a_picture(format):
    known = {name for name, of in Image.registered_extensions().items() if of == format}
    assert known
    assert known <= extensions()


@pytest.mark.parametrize(
    "name", ["a.JPG", "a.jfif", "a.ppm", "a.j2k", "a.heic", "a.avif", "ü 1.Jpe"]
)
def test_names_of_pictures_are_known_without_opening_them(tmp_path, name):
    assert is_image(tmp_path / name)


@pytest.mark.parametrize("name", ["a.txt", "a.eps", "a.jpg.part", "a.svg", "a.json"])
def test_other_extensions_are_no_pictures_whatever_they_hold(tmp_path, encoded, name):
    (tmp_path / name).write_bytes(encoded())
    assert not is_image(tmp_path / name)


@pytest.mark.parametrize("name", ["IMG_1", "Überraschung Nr. 1", "scan.2024", "picture."])
def test_without_an_extension_the_content_counts(tmp_path, encoded, name):
    (tmp_path / name).write_bytes(encoded(format="JPEG"))
    assert is_image(tmp_path / name)
    (tmp_path / name).write_bytes(b"notes")
    assert not is_image(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.JPG", ".jpg"), ("a.tar.gz", ".gz"), ("Nr. 1", ""), ("a.2024", ""), (".jpg", "")],
)
def test_what_counts_as_an_extension(name, extension):
    assert extension_of(name) == extension


@pytest.mark.parametrize("name", [".DS_Store", "._a.jpg", "Thumbs.db", "desktop.ini", "@eaDir"])
def test_files_of_the_system_are_told(name):
    assert is_system(name)
    assert not is_system(f"my {name}")


def test_visible_images_are_found_in_the_order_of_folders_and_names(tmp_path, encoded):
    paths = ["a/2.jpg", "a/1", "a/b/3.PNG", "a/.4.jpg", "a/@eaDir/5.jpg", "a/notes.txt", "6.gif"]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(encoded())
    assert list(visible_images(tmp_path)) == ["6.gif", "a/1", "a/2.jpg", "a/b/3.PNG"]


@pytest.mark.parametrize("format", ["HEIF", "AVIF"])
def test_pictures_of_phones_are_read_where_the_extra_is_there(encoded, format):
    pytest.importorskip("pillow_heif")
    pixels = np.full((16, 24, 3), (200, 30, 40), np.uint8)
    found = decode(encoded(pixels, format), max_pixels=1000)
    assert found.shape == (16, 24, 3)
    assert np.abs(found.astype(int) - pixels).max() < 6


def test_a_folder_that_cannot_be_read_is_refused(tmp_path, encoded, monkeypatch):
    (tmp_path / "cat").mkdir()
    scan = os.scandir

    def refusing(path):
        if Path(path).name == "cat":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(InputError, match=r"cat: cannot be read \(Permission denied\), expected"):
        list(visible_images(tmp_path))
