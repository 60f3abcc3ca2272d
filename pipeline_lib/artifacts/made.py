"""What arrays of images were made with, so that the same can be made of any other picture.

A stage that encodes images, or works on what another one made of them, keeps a file of what it did
it with, and names it in the header of the arrays (``made``), after those that made what it read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.arrays import MORE, Array
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import file_digest

Made = list[dict[str, Any]]
"""Of each step: "stage", "file" from the checkout on, "digest" of it, and settings, in order."""
FROZEN_FILE = "network.safetensors"
# Header: precision, batch_size, preprocess (encoders/preprocess.py), and what the network is built
# of: backbone (settings/backbone.py), model_args (of timm.create_model) and layer; or tower,
# open_clip's configuration of an image tower. encoders/frozen.py reads it.
FROZEN = Tensors(
    "frozen network",
    stage="maps",
    file=f"{{item}}/{FROZEN_FILE}",
    arrays=(Array("{parameter}", "", (MORE,), "of the backbone, under its library's names"),),
)


def made_with(before: Made | None, stage: str, file: Path, **settings: Any) -> Made:
    """Return the steps that made what a stage read, and its own."""
    own = {"stage": stage, "file": file.as_posix(), "digest": file_digest(file)}
    return [*(before or []), own | settings]


def makers(made: Made, root: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Yield every step with its file.

    Args:
        made: as a header has it.
        root: the checkout, where the paths begin.

    Raises:
        InputError: a file is missing, or is another than the arrays were made with.
    """
    for step in made:
        path, stage = root / step["file"], step["stage"]
        if not path.is_file():
            raise InputError(
                f"{path}: missing, and pictures become what the run reads by it; fetch it with "
                f"`dvc pull`, or re-run `dvc repro {stage}`"
            )
        if (found := file_digest(path)) != step["digest"]:
            raise InputError(
                f"{path}: its digest is {found}, expected {step['digest']}, that of what the run "
                "was trained on; restore it with `dvc checkout`, or re-run `dvc repro train`"
            )
        yield step, path
