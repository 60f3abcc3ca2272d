"""Which network a run saw the images through: read from what it read, not from its settings.

A run on feature maps has a backbone in its settings too, which it does not build.
"""

from typing import Any

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.shards import header_of
from pipeline_lib.artifacts.vlp import CONFIG_FILE
from pipeline_lib.encoders.checkpoint import load
from pipeline_lib.encoders.vision import described
from pipeline_lib.encoders.vlp.tower_map import described as described_tower
from pipeline_lib.steps.train.job import Job


def backbone_of(job: Job) -> dict[str, Any]:
    """Return its ``model``, its ``image_size`` in pixels (0: that of the images), and ``input``.

    ``model_args`` are there where the network is not timm's own of that name. ``input`` is "images"
    where the run encodes them itself, "maps" where they were encoded before.
    """
    if job.input.is_dir():
        found = header_of(job.input).get("backbone") or {"model": "", "image_size": 0}
        return {**found, "input": "maps"}
    if job.backbone is not None:
        model, size = job.backbone.model, job.backbone.image_size
        args = load(job.weights).model_args if job.weights else {}
        return {**described(model, size, args), "input": "images"}
    if job.weights is not None and job.weights.is_dir():
        config = read_json(job.weights / CONFIG_FILE)["model_cfg"]
        return {**described_tower(config), "input": "images"}
    return {"model": "", "image_size": 0, "input": "images"}
