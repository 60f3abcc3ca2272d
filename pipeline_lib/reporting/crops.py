"""Affine boxes on the pixels of an image: their outlines, and what they show.

A box is `theta` (2, 3), which maps the corners ±1 of what is shown into -1…1 of what the network
saw; `window` says which part of the image that was (encoders/window.py).
"""

import numpy as np
from PIL import Image

CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])


def outline(theta: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return the corners of affine boxes in drawing order, in fractions of the image, (…, 4, 2).

    Args:
        theta: (…, 2, 3).
        window: left, top, right, bottom in fractions of the image, (4,), or (…, 1, 4) for boxes
            of several images.
    """
    corners = CORNERS @ np.swapaxes(theta[..., :2], -1, -2) + theta[..., None, :, 2]
    found: np.ndarray = window[..., :2] + (corners + 1) / 2 * (window[..., 2:] - window[..., :2])
    return found


def crop(pixels: np.ndarray, theta: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Cut out what a box shows, turned upright, at the image's own resolution.

    An upright box whose edges lie between pixels of the image gives exactly these pixels. Outside
    of the image is black.

    Args:
        pixels: RGB (height, width, 3) uint8.
        theta: (2, 3).
        window: left, top, right, bottom in fractions of the image.
    """
    size = np.array([pixels.shape[1], pixels.shape[0]])
    a, b, _, d = outline(theta.astype(np.float64), window) * size  # clockwise from u = v = -1
    across, down = b - a, d - a
    width, height = (max(1, round(float(np.hypot(*side)))) for side in (across, down))
    # Pillow asks for the place in the image of each place in the crop.
    x, y = zip(across / width, down / height, a, strict=True)
    turned = Image.fromarray(pixels).transform(
        (width, height), Image.Transform.AFFINE, (*x, *y), Image.Resampling.BILINEAR
    )
    return np.asarray(turned)
