"""What exemplars are worth: tags before and after refinement, and classes known from them alone."""

import numpy as np
from sklearn.metrics import average_precision_score

from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.shards import Reader
from pipeline_lib.clustering.result import NOISE
from pipeline_lib.knowledge.exemplars.hierarchy import Exemplars


def describe(
    reader: Reader,
    table: SampleTable,
    tags: np.ndarray,
    classes: np.ndarray,
    exemplars: Exemplars,
) -> dict[str, dict[str, float]]:
    """Return counts of prototypes, and for each split the worth of tags and beliefs.

    Where a clusterer leaves any, ``noise`` counts the regions with a tag outside every prototype.

    An image's score for a tag is the highest probability that any of its regions gives it, and 0
    where it is not among the likeliest of any;
    ``tag_map_…`` is the mean over tags with a positive of the non-interpolated average precision.
    ``beliefs_accuracy`` is how often the class most believed in by the matched prototypes is right.
    Training images are matched without their own regions.
    """
    found: dict[str, dict[str, float]] = {"prototypes": _counts(exemplars, tags.shape[1])}
    for split in table.splits:
        rows = table.rows(split)
        truth = tags[rows]
        out = {f"tag_map_{kind}": tag_map(reader, rows, kind, truth) for kind in ("raw", "refined")}
        out["tag_map_gain"] = out["tag_map_refined"] - out["tag_map_raw"]
        beliefs = reader.rows(rows, "beliefs")
        right = classes[rows, beliefs.argmax(1)] & beliefs.any(1)
        out["beliefs_accuracy"] = float(right.mean())
        out["matched"] = float((reader.rows(rows, "matched") >= 0).mean())
        found[split] = out
    return found


def tag_map(reader: Reader, rows: np.ndarray, kind: str, truth: np.ndarray) -> float:
    """Return the mAP of "raw" or "refined" tags of some images."""
    scores = image_scores(reader.rows(rows, "tags"), reader.rows(rows, kind), truth.shape[1])
    carried = truth.any(0)
    if not carried.any():
        return 0.0
    found = average_precision_score(truth[:, carried], scores[:, carried], average="macro")
    return float(found)


def image_scores(tags: np.ndarray, probabilities: np.ndarray, count: int) -> np.ndarray:
    """Return the highest probability of each tag in any region, (images, count)."""
    scores = np.zeros((len(tags), count), np.float32)
    image = np.broadcast_to(np.arange(len(tags))[:, None, None], tags.shape)
    np.maximum.at(scores, (image, tags), probabilities)
    return scores


def _counts(exemplars: Exemplars, tags: int) -> dict[str, float]:
    kept, noise = exemplars.retained, int((exemplars.member == NOISE).sum())
    counts = {
        "all": len(exemplars),
        "retained": int(kept.sum()),
        "tags": len(np.unique(exemplars.tag)),
        "tags_without_exemplar": tags - len(np.unique(exemplars.tag[kept])),
        "mean_size_retained": float(exemplars.size[kept].mean()) if kept.any() else 0.0,
        "members_retained": float(exemplars.size[kept].sum() / exemplars.size.sum()),
    }
    return counts | {"noise": noise} if noise else counts
