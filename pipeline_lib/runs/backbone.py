"""Which network a run saw the images through: read from what it read, not from its settings.

A run on feature maps has a backbone in its settings too, which it does not build.
"""

from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.shards import header_of
from pipeline_lib.artifacts.vlp import CONFIG_FILE
from pipeline_lib.runs.job import Job


def backbone_of(job: Job) -> dict[str, Any]:
    """Return its ``model``, its ``image_size`` in pixels (0: that of the images), and ``input``.

    ``input`` is "images" where the run encodes them itself, "maps" where they were encoded before.
    """
    if job.input.is_dir():
        found = header_of(job.input).get("backbone") or {"model": "", "image_size": 0}
        return {**found, "input": "maps"}
    if job.backbone is not None:
        model, size = job.backbone.model, job.backbone.image_size
        return {"model": model, "image_size": size, "input": "images"}
    if job.weights is not None and job.weights.is_dir():
        return {**_image_tower(job.weights), "input": "images"}
    return {"model": "", "image_size": 0, "input": "images"}


def _image_tower(folder: Path) -> dict[str, Any]:
    """Name the image tower of a vision-language model as timm does, or by its shape."""
    config = read_json(folder / CONFIG_FILE)["model_cfg"]["vision_cfg"]
    shape = "{} layers of {}".format(config.get("layers", "?"), config.get("width", "?"))
    return {
        "model": config.get("timm_model_name") or f"image tower, {shape}",
        "image_size": config.get("image_size", 0),
    }
