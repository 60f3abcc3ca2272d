"""Cut-outs of pictures, encoded by the frozen network that makes the maps of whole ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from pipeline_lib.encoders.frozen import Frozen, is_invariant
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError

LARGEST = 1024  # pixels of the longer side of a picture that is cut: of photographs a batch fits
# into memory, and a box of an eighth of the side has 128 pixels still
REACH = 0.5  # of the picture: what a box shows farther outside is border all over


@dataclass(frozen=True)
class Crops:
    """A network that encodes cut-outs; batches of one shape, as encoders/frozen.py has them."""

    encode: Frozen
    size: int  # pixels per side that a cut-out is resized to, whatever its shape

    def __post_init__(self) -> None:
        network: Any = self.encode.model
        config = getattr(network.model, "pretrained_cfg", None) or {}
        own = self.encode.preprocess.size
        if config.get("fixed_input_size") and self.size != own:
            raise InputError(
                f"regions.source.image_size is {self.size}, and '{config.get('architecture')}' "
                f"takes pictures of {own} pixels alone, those of its maps; set it to {own}"
            )

    def __call__(self, cuts: Sequence[np.ndarray]) -> Tensor:
        """Return the mean of each cut-out's map (cuts, dims), float16 as it is stored.

        Args:
            cuts: RGB (height, width, 3) uint8, at least one.
        """
        maps = self.encode(self._preprocess.geometry(cuts))[0]
        return maps.float().mean((2, 3)).half()

    @property
    def border(self) -> np.ndarray:
        """The colour outside a picture, which is 0 to the network."""
        found: np.ndarray = np.rint(np.array(self.encode.preprocess.mean) * 255).astype(np.uint8)
        return found

    @property
    def _preprocess(self) -> Preprocess:
        own = self.encode.preprocess
        return replace(own, size=self.size, crop_pct=1.0, crop_mode="squash")


def steady(crops: Crops, probe: Sequence[np.ndarray]) -> Crops:
    """Return what encodes singly where ``probe`` shows that a row depends on its neighbours."""
    if is_invariant(lambda cuts: [crops(cuts).cpu().numpy()], probe[: crops.encode.batch_size]):
        return crops
    return replace(crops, encode=replace(crops.encode, batch_size=1))


def reduced_size(width: int, height: int) -> tuple[int, int]:
    """Return the width and the height of a picture as it is cut."""
    factor = min(1.0, LARGEST / max(width, height))
    return max(round(width * factor), 1), max(round(height * factor), 1)


def reduced(picture: np.ndarray) -> np.ndarray:
    """Return a picture (height, width, 3) as it is cut: large ones are made smaller."""
    height, width = picture.shape[:2]
    size = reduced_size(width, height)
    if size == (width, height):
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def pixel_boxes(hulls: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return boxes (…, 4) in whole pixels, left, top, right, bottom; none is empty.

    Args:
        hulls: the same in fractions of the picture; they may reach beyond it.
        width: of the picture that is cut.
        height: the same.
    """
    bounded = hulls.clip(-REACH, 1 + REACH) * [width, height, width, height]
    boxes: np.ndarray = np.rint(bounded).astype(np.int64)
    boxes[..., 2:] = np.maximum(boxes[..., 2:], boxes[..., :2] + 1)
    return boxes


def cut_out(picture: np.ndarray, box: Sequence[int], border: np.ndarray) -> np.ndarray:
    """Return what a box of whole pixels shows, with ``border`` where it reaches beyond."""
    left, top, right, bottom = (int(side) for side in box)
    height, width = picture.shape[:2]
    out = np.empty((bottom - top, right - left, 3), np.uint8)
    out[:] = border
    x, y = slice(max(left, 0), min(right, width)), slice(max(top, 0), min(bottom, height))
    if x.start < x.stop and y.start < y.stop:
        out[y.start - top : y.stop - top, x.start - left : x.stop - left] = picture[y, x]
    return out
