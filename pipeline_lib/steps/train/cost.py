"""What one seed of a run cost: the passes of training images through a backbone, by what for."""

from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.shards import artifact_of
from pipeline_lib.steps.train.job import Job
from pipeline_lib.training.fitted import Fitted

LOOK = "loss of the training images"  # what a method that trains nothing encodes them for


def encoded(job: Job, fitted: Fitted) -> dict[str, float]:
    """Return the images that were encoded for a result; their sum is what it cost.

    A run on feature maps encodes none itself: however long it trains, each was encoded once.
    """
    before: dict[str, int] = {}
    for path in (job.input, job.text, job.knowledge, job.weights):
        before |= encoded_for(path)
    if artifact_of(job.input):
        own = {"maps": float(len(read_samples(job.samples).train))}
    else:
        trained = any(record["lr"] > 0 for record in fitted.history)
        passes = {"training" if trained else LOOK: fitted.history[-1]["images_encoded"]}
        own = passes | fitted.encoded
    return {name: float(count) for name, count in (before | own).items() if count}
