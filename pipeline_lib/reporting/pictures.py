"""Pictures of the page: how they are encoded, and what a template needs to show one."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from pipeline_lib.reporting.beside import PICTURES, Beside

SIDE = 80  # pixels; larger pictures are reduced to fit
LOSSLESS_SIDE = 40  # pixels; up to here, PNG: the page magnifies such pictures, and JPEG's blocks
JPEG_QUALITY = 80


@dataclass(frozen=True)
class Picture:
    """An image beside the page."""

    link: str  # relative to the page
    title: str
    width: int  # pixels of the file
    height: int
    image: str = ""  # key of the image, where it is of one


@dataclass(frozen=True)
class Encoded:
    """A picture as bytes of a file."""

    content: bytes
    kind: str  # the end of its name
    width: int  # pixels
    height: int

    def shown(self, beside: Beside, title: str, image: str = "") -> Picture:
        """Put it beside the page; ``image`` is the key of the image that it is of."""
        link = beside.add(PICTURES, self.content, self.kind)
        return Picture(link, title, self.width, self.height, image)


def encoded(pixels: np.ndarray, side: int = SIDE) -> Encoded:
    """Encode RGB pixels (height, width, 3) uint8, reduced to a longer side, without metadata."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    stream = BytesIO()
    if max(image.size) <= LOSSLESS_SIDE:
        image.save(stream, "PNG", optimize=True)
        return Encoded(stream.getvalue(), "png", *image.size)
    image.save(stream, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    return Encoded(stream.getvalue(), "jpg", *image.size)
