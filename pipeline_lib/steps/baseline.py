"""A plain backbone trained for the target: its features are what other stages build on."""

from pathlib import Path

from pipeline_lib.progress import Track
from pipeline_lib.steps.train.job import Job
from pipeline_lib.steps.train.output import write_backbone


def train_backbone(job: Job, seed: int, out: Path, track: Track) -> float:
    """Train one seed, write its weights under timm's names, and return the last loss.

    Checkpoints are kept until the weights are written.
    """
    (fitted,) = job.fit([seed], track)
    write_backbone(out, job, seed, fitted)
    job.forget([seed])
    return fitted.history[-1]["loss"]
