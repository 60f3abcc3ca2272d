import io
import random
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipeline_lib.datasets import decode as module
from pipeline_lib.datasets.decode import FORMATS, BadImage, decode

MAX = 10_000
ORIENTATION = 0x0112


def pixels(content, max_pixels=MAX):
    return decode(content, max_pixels=max_pixels)


def reason(content, max_pixels=MAX):
    with pytest.raises(BadImage) as caught:
        decode(content, max_pixels=max_pixels)
    return caught.value.reason


def png(width, height, depth, colour, rows, transparent=b""):
    """A PNG written by hand, for what Pillow cannot write."""

    def chunk(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    header += chunk(b"tRNS", transparent) if transparent else b""
    data = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


@pytest.fixture
def noise():
    return np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_keep_every_pixel(encoded, noise, format):
    result = pixels(encoded(noise, format))
    np.testing.assert_array_equal(result, noise)
    assert result.dtype == np.uint8
    assert result.flags.writeable


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "JPEG2000", "GIF"])
def test_lossy_formats_keep_a_colour(encoded, format):
    grey = np.full((16, 16, 3), 100, np.uint8)
    np.testing.assert_allclose(pixels(encoded(grey, format)), grey, atol=3)


def test_orientation_6_turns_the_image_clockwise(encoded):
    # stored: one row, red then blue; held upright, red is above blue
    stored = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    upright = pixels(encoded(stored, exif=exif))
    assert upright.tolist() == [[[255, 0, 0]], [[0, 0, 255]]]


@pytest.mark.parametrize("orientation", range(10))
def test_every_orientation_is_undone_as_pillow_does(encoded, noise, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = encoded(noise, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    np.testing.assert_array_equal(pixels(content), np.asarray(expected))


@pytest.mark.parametrize("exif", [b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01", b"Exif\0\0nonsense"])
def test_damaged_exif_does_not_cost_the_image(encoded, noise, exif):
    np.testing.assert_array_equal(pixels(encoded(noise, exif=exif)), noise)


def test_cmyk_becomes_rgb(encoded):
    cyan = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
    np.testing.assert_allclose(pixels(encoded(cyan, "JPEG"))[0, 0], [0, 255, 255], atol=3)


def test_palette_becomes_rgb(encoded):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])
    assert pixels(encoded(image)).tolist() == [[[10, 20, 30], [40, 50, 60]]]


@pytest.mark.parametrize("transparency", [0, b"\x00\xff"])
def test_transparent_palette_entry_becomes_white(encoded, transparency):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])
    content = encoded(image, transparency=transparency)
    assert pixels(content).tolist() == [[[255, 255, 255], [40, 50, 60]]]


def test_transparent_colour_of_an_rgb_image_becomes_white(encoded):
    image = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    content = encoded(image, transparency=(1, 2, 3))
    assert pixels(content).tolist() == [[[255, 255, 255], [4, 5, 6]]]


def test_alpha_is_laid_over_white(encoded):
    # 128/255 red over white: 255, and 255 * (1 - 128/255) = 127 for green and blue
    image = Image.new("RGBA", (1, 1), (255, 0, 0, 128))
    assert pixels(encoded(image)).tolist() == [[[255, 127, 127]]]


def test_grey_with_alpha_is_laid_over_white(encoded):
    assert pixels(encoded(Image.new("LA", (1, 1), (0, 0)))).tolist() == [[[255, 255, 255]]]


def test_one_bit_becomes_black_and_white(encoded):
    image = Image.new("1", (2, 1))
    image.putpixel((1, 0), 1)
    assert pixels(encoded(image)).tolist() == [[[0, 0, 0], [255, 255, 255]]]


def test_grey_is_repeated_in_three_channels(encoded):
    assert pixels(encoded(Image.new("L", (1, 1), 77))).tolist() == [[[77, 77, 77]]]


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_and_not_clipped(encoded, format):
    # 65535 / 257 = 255; 32768 / 257 = 127.5, which rounds up; 257 / 257 = 1
    values = np.array([[0, 257, 32768, 65535]], np.uint16)
    assert pixels(encoded(values, format))[0, :, 0].tolist() == [0, 1, 128, 255]


def test_16_bit_rgb_keeps_the_high_bytes():
    content = png(1, 1, 16, 2, [struct.pack(">HHH", 0x1234, 0xFF00, 0x00FF)])
    assert pixels(content).tolist() == [[[0x12, 0xFF, 0x00]]]


def test_grey_beyond_16_bits_is_refused(encoded):
    values = np.array([[0, 70000]], np.int32)
    with pytest.raises(BadImage, match="grey values from 0 to 70000, expected whole 0 to 65535"):
        pixels(encoded(values, "TIFF"))


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_animation_gives_its_first_frame(encoded, format):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("black", "white")]
    options = {"save_all": True, "append_images": frames[1:]}
    if format == "WEBP":
        options["lossless"] = True
    content = encoded(frames[0], format, **options)
    assert Image.open(io.BytesIO(content)).n_frames == 2
    assert pixels(content).max() == 0


def test_empty_file_is_named():
    assert reason(b"") == "empty file"


@pytest.mark.parametrize(
    "content",
    [
        b"hello, I am a text file",
        b"\0",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n",
    ],
)
def test_what_is_no_bitmap_is_named(content):
    with pytest.raises(BadImage, match=f"not an image: {len(content)} bytes, starts b"):
        pixels(content)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "BMP", "GIF", "TIFF"])
def test_truncated_file_is_named(encoded, noise, format):
    content = encoded(noise, format)
    assert reason(content[: len(content) * 3 // 4]) == "truncated image"


def test_damaged_file_is_unreadable(encoded, noise):
    content = bytearray(encoded(noise))
    content[len(content) // 2] ^= 0xFF
    assert reason(bytes(content)) in {"unreadable image", "truncated image"}


@pytest.mark.parametrize("side", [101, 12_000, 100_000])
def test_huge_image_is_refused_before_its_body_is_looked_at(side):
    # the body is one row: decoding would complain about that instead
    content = png(side, side, 8, 0, [b"\0"])
    assert reason(content, max_pixels=100 * 100) == "too many pixels"


def test_max_pixels_itself_is_allowed(encoded):
    content = encoded(size=(10, 10))
    assert pixels(content, max_pixels=100).shape == (10, 10, 3)
    with pytest.raises(BadImage, match=r"10 x 10, at most 99 \(dataset\.max_pixels\)"):
        pixels(content, max_pixels=99)


def test_an_array_passes_through(noise):
    assert pixels(noise) is noise


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.zeros((2, 2, 3), np.float32), r"float32 \(2, 2, 3\)"),
        (np.zeros((2, 2), np.uint8), r"uint8 \(2, 2\)"),
        (np.zeros((2, 2, 4), np.uint8), r"uint8 \(2, 2, 4\)"),
        (np.zeros((0, 2, 3), np.uint8), r"uint8 \(0, 2, 3\)"),
    ],
)
def test_an_array_of_another_shape_or_type_is_refused(array, found):
    with pytest.raises(BadImage, match=found):
        pixels(array)


def test_an_array_of_too_many_pixels_is_refused(noise):
    assert reason(noise, max_pixels=599) == "too many pixels"


def test_damaged_bytes_give_pixels_or_a_reason_and_never_a_warning(encoded, noise):
    chance = random.Random(0)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    palette = Image.fromarray(noise).convert("P")
    files = [
        encoded(noise, "JPEG", exif=exif),
        encoded(noise, exif=exif),
        encoded(palette, transparency=b"\0\x80"),
        *(encoded(noise, format) for format in ("GIF", "BMP", "WEBP", "PPM")),
    ]
    outcomes = set()
    for content in files * 40:
        whole = chance.random() < 0.5
        damaged = bytearray(content if whole else content[: chance.randrange(1, len(content))])
        damaged[chance.randrange(min(len(damaged), 200))] = chance.randrange(256)
        try:
            assert pixels(bytes(damaged)).ndim == 3
            outcomes.add("pixels")
        except BadImage as error:
            outcomes.add(error.reason)
    assert outcomes >= {"pixels", "not an image", "truncated image", "unreadable image"}


def test_warning_filters_are_left_as_they_were(encoded, noise):
    before = list(warnings.filters)
    content = encoded(noise)
    threads = [threading.Thread(target=pixels, args=(content,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before


@pytest.mark.parametrize(
    ("brand", "remedy"),
    [
        (b"heic", r"in HEIF, .*pip install -e '\.\[heif\]'"),
        (b"avif", r"in AVIF, .*'pillow>=11\.3'"),
    ],
)
def test_a_picture_that_needs_an_extra_says_which(monkeypatch, brand, remedy):
    monkeypatch.setattr(module, "formats", lambda: FORMATS)
    content = b"\0\0\0\x1cftyp" + brand + bytes(16)
    with pytest.raises(BadImage, match=f"^format needs an extra: a picture {remedy}"):
        decode(content, max_pixels=MAX)


def test_a_transparent_grey_of_16_bits_is_white():
    content = png(3, 1, 16, 0, [struct.pack(">HHH", 1000, 30_000, 60_000)], struct.pack(">H", 1000))
    assert pixels(content)[0, :, 0].tolist() == [255, 117, 233]


def test_a_transparent_colour_of_16_bits_is_white():
    rows = [struct.pack(">6H", 300, 1000, 2000, 30_000, 1000, 2000)]
    content = png(2, 1, 16, 2, rows, struct.pack(">3H", 300, 1000, 2000))
    assert pixels(content)[0].tolist() == [[255, 255, 255], [117, 3, 7]]


def test_a_picture_that_git_lfs_did_not_fetch_is_named():
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 3\n"
    with pytest.raises(
        BadImage, match="not an image: a pointer of Git LFS; `git lfs pull` fetches"
    ):
        decode(pointer, max_pixels=100)
