"""One way to turn what a data set holds into RGB pixels, and short reasons where that fails."""

import hashlib
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError, features
from PIL.ExifTags import Base

from pipeline_lib.datasets.reader import Encoded

# Bitmaps only: others (EPS, WMF) start programs or need the size of a page.
FORMATS = ("BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
# ISO/IEC 23008-12 (HEIF): the brand at byte 8 says what the boxes hold; what reads it is optional.
BRANDS = {
    "AVIF": (b"avif", b"avis"),
    "HEIF": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
}
LFS = b"version https://git-lfs.github.com/spec/"  # at the head of a file that was not fetched
REMEDY = {"AVIF": "pip install -U 'pillow>=11.3'", "HEIF": "pip install -e '.[heif]'"}
# What Pillow's parsers raise on damaged bytes, depending on the format and the place.
DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    ArithmeticError,
    TypeError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)
# EXIF 2.32, tag 0x0112: what undoes each orientation; 1 is upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A decoded image."""

    pixels: np.ndarray  # RGB (height, width, 3) uint8, upright
    turned: int = 1  # EXIF's orientation, which was undone


class BadImage(ValueError):
    """An image that cannot be used; ``reason`` is short and countable."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@cache
def formats() -> tuple[str, ...]:
    """Return the names in Pillow of the formats that are read on this machine."""
    found = FORMATS + (("AVIF",) if features.check("avif") else ())
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return found
    register_heif_opener()
    return (*found, "HEIF")


def fingerprint(pixels: np.ndarray) -> str:
    """Return the SHA-256 of the shape and the bytes of an image."""
    shape = "x".join(str(side) for side in pixels.shape)
    return hashlib.sha256(f"{shape}:".encode() + pixels.tobytes()).hexdigest()


def decode(encoded: Encoded, *, max_pixels: int) -> np.ndarray:
    """Return RGB pixels (height, width, 3) uint8: upright, transparency over white, first frame.

    Raises:
        BadImage: there is no image, or it has more than ``max_pixels`` pixels (then it is not
            decoded), or it is damaged.
    """
    return decode_picture(encoded, max_pixels=max_pixels).pixels


def decode_picture(encoded: Encoded, *, max_pixels: int) -> Picture:
    """Return the same with how EXIF has the picture turned.

    Raises:
        BadImage: as for ``decode``.
    """
    if isinstance(encoded, np.ndarray):
        return Picture(_checked(encoded, max_pixels))
    if not encoded:
        raise BadImage("empty file", "0 bytes")
    with _quiet():
        return _decoded(encoded, max_pixels)


def _checked(pixels: np.ndarray, max_pixels: int) -> np.ndarray:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise BadImage(
            "unreadable image",
            f"array {pixels.dtype} {pixels.shape}, expected uint8 (height, width, 3)",
        )
    _refuse_huge(pixels.shape[1], pixels.shape[0], max_pixels)
    return pixels


def _decoded(encoded: bytes, max_pixels: int) -> Picture:
    try:
        with Image.open(BytesIO(encoded), formats=formats()) as image:
            _refuse_huge(*image.size, max_pixels)
            image.load()
            turned = _orientation(image)
            upright = image.transpose(UPRIGHT[turned]) if turned in UPRIGHT else image
            return Picture(np.array(_rgb(upright, deep=_is_deep(encoded))), turned)
    except BadImage:
        raise
    except UnidentifiedImageError as error:
        raise _unknown(encoded) from error
    except Image.DecompressionBombError as error:
        raise BadImage("too many pixels", str(error)) from error
    except DAMAGED as error:
        truncated = "truncated" in str(error).lower()
        reason = "truncated image" if truncated else "unreadable image"
        raise BadImage(reason, f"{type(error).__name__}: {error}") from error


def _unknown(encoded: bytes) -> BadImage:
    if encoded.startswith(LFS):
        return BadImage("not an image", "a pointer of Git LFS; `git lfs pull` fetches the pictures")
    brand = encoded[8:12] if encoded[4:8] == b"ftyp" else b""
    kind = next((kind for kind, brands in BRANDS.items() if brand in brands), None)
    if kind is not None and kind not in formats():
        detail = f"a picture in {kind}, which nothing installed here reads; {REMEDY[kind]}"
        return BadImage("format needs an extra", detail)
    return BadImage("not an image", f"{len(encoded)} bytes, starts {encoded[:8]!r}")


def _refuse_huge(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise BadImage(
            "too many pixels", f"{width} x {height}, at most {max_pixels} (dataset.max_pixels)"
        )


def _orientation(image: Image.Image) -> int:
    try:
        orientation = image.getexif().get(Base.Orientation)
    except DAMAGED:  # damaged metadata of a sound image
        return 1
    return orientation if orientation in UPRIGHT else 1


def _is_deep(encoded: bytes) -> bool:
    """Tell whether a PNG has 16 bits a channel: byte 24, after the width and height of IHDR."""
    return encoded.startswith(b"\x89PNG") and encoded[24:25] == b"\x10"


def _rgb(image: Image.Image, *, deep: bool) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return _from_deep_grey(image)
    key = image.info.get("transparency")
    if deep and isinstance(key, tuple):  # Pillow keeps the upper bytes of pixels, not of the key
        image.info["transparency"] = tuple(value >> 8 for value in key)
    if image.has_transparency_data:
        over = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits; Pillow's own conversion clips it at 255."""
    values = np.asarray(image)
    if values.dtype.kind not in "iu" or values.min() < 0 or values.max() > 0xFFFF:
        raise BadImage(
            "unreadable image",
            f"grey values from {values.min()} to {values.max()}, expected whole 0 to 65535",
        )
    key = image.info.get("transparency")
    if isinstance(key, int):  # tRNS: this grey is transparent, white is what lies under it
        values = np.where(values == key, 0xFFFF, values)
    scaled = (values.astype(np.uint32) * 255 + 0x7FFF) // 0xFFFF
    return Image.fromarray(scaled.astype(np.uint8)).convert("RGB")


_depth = 0
_guard = threading.Lock()
_filters = warnings.catch_warnings()


@contextmanager
def _quiet() -> Iterator[None]:
    """Mute Pillow's warnings: what matters in them is raised, the rest is about metadata.

    The filters are one per process, so threads that decode at once share one change of them.
    """
    global _depth, _filters
    with _guard:
        if _depth == 0:
            _filters = warnings.catch_warnings()
            _filters.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\.")
        _depth += 1
    try:
        yield
    finally:
        with _guard:
            _depth -= 1
            if _depth == 0:
                _filters.__exit__(None, None, None)
