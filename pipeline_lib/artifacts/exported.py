"""What ``protoweave export RUN --to`` writes beside the network: how it is used.

A folder holds ``export.json`` (below), the network, ``README.md`` (the model card),
``thresholds.json`` where `evaluate` chose some, and of a graph ``predict.py``.
"""

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.json_file import canonical, read_json
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import file_digest
from pipeline_lib.targets import Target

Format = Literal["safetensors", "torchscript", "onnx"]
FILES: dict[Format, str] = {
    "safetensors": "weights.safetensors",
    "torchscript": "network.pt",
    "onnx": "network.onnx",
}
EXPORT_FILE, CARD, SCRIPT = "export.json", "README.md", "predict.py"
VOCABULARY = "vocabulary.safetensors"  # of "safetensors": names that were asked for at the export
VERSION: Final = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Pixels(_Part):
    """How a picture becomes the input of a graph, uint8 (images, 3, size, size).

    An upright RGB picture is resized with Pillow, antialiased, and cropped or padded around its
    centre. Normalisation is a part of the graph.
    """

    size: int  # pixels, width = height
    resize: int  # pixels that a side gets before the crop: "center" the shorter one, "squash" both,
    # "border" the longer one
    mode: Literal["center", "squash", "border"]
    interpolation: str  # as Pillow names it
    fill: tuple[int, int, int]  # RGB 0…255 around a picture that is smaller; of "border"
    mean: tuple[float, ...]  # of values in 0…1, which the graph subtracts
    std: tuple[float, ...]  # that it divides by
    crop_pct: float  # size / resize, as timm's configurations have it


class Verified(_Part):
    """How far scores of the exported network are from others."""

    pictures: int
    split: str  # whose pictures
    against: str  # "stored scores", or "the run", where there are none of these names
    largest_difference: float  # of scores, relative to the larger of 1 and their size
    tolerance: float


class Export(_Part):
    """The content of ``export.json``."""

    version: Literal[1] = VERSION
    protoweave: str  # the version that wrote it
    format: Format
    digest: str  # of the file of the network
    run: str
    method: str
    seed: int
    target: Target
    exclusive: bool  # whether an image is of one name: softmax of scores / temperature; else each
    # name has the sigmoid of its score
    names: tuple[str, ...]  # of the classes or tags, in the order of the scores
    trained_names: tuple[str, ...]
    unseen: tuple[str, ...]  # of the names: what no training image carried
    together: bool  # whether a score depends on the other names
    temperature: float = Field(gt=0)
    thresholds: tuple[float, ...] | None  # of tags: the score above which each is named
    decided_by: str  # where both come from
    pixels: Pixels
    verified: Verified | None


def write_export(folder: Path, export: Export) -> None:
    """Write ``export.json``."""
    write_bytes(folder / EXPORT_FILE, canonical(export.model_dump(mode="json")).encode())


def is_export(folder: Path) -> bool:
    """Say whether a folder is an exported one."""
    return (folder / EXPORT_FILE).is_file()


def read_export(folder: Path) -> Export:
    """Read ``export.json`` of a folder whose network is the one that was written with it.

    Raises:
        InputError: the file is missing, damaged or of another version, or the network is another.
    """
    path = folder / EXPORT_FILE
    if not path.is_file():
        raise InputError(
            f"{folder}: holds no {EXPORT_FILE}, expected a folder that `protoweave export RUN "
            "--to` wrote; name one"
        )
    try:
        found = Export.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise InputError(
            f"{path}: {place}: {first['msg']}, expected version {VERSION}; export the run again"
        ) from error
    network = folder / FILES[found.format]
    if not network.is_file() or file_digest(network) != found.digest:
        raise InputError(
            f"{network}: is not there or not the network that {EXPORT_FILE} is of, expected digest "
            f"{found.digest}; copy the whole folder, or export the run again"
        )
    return found
