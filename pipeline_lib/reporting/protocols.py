"""The protocols of `pipeline_lib.evaluation` in the words of the page."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline_lib.targets import Target


@dataclass(frozen=True)
class Protocol:
    """A family of metrics with a common definition."""

    title: str
    definition: str
    targets: tuple[str, ...]  # that are judged by it


BOTH = ("classes", "tags")
PROTOCOLS = {
    "top_k_accuracy": Protocol(
        "Top-k accuracy",
        "The share of images of which a true class is among the k classes ranked first.",
        ("classes",),
    ),
    "map": Protocol(
        "Mean average precision",
        "Of each tag, all images are ranked by its score; average precision (AP) is the mean of "
        "the precision at the images that carry it (mAP, as on MS-COCO). PASCAL VOC takes the "
        "largest precision at the same or a higher recall instead: at eleven recalls (VOC 2007), "
        "or at all of them, the area under the curve (VOC 2010 on). mAP is the mean over tags.",
        ("tags",),
    ),
    "category_pr": Protocol(
        "CP, CR and CF1",
        "Precision and recall of each tag, averaged over tags, and the harmonic mean of the two "
        "averages; of all tags whose probability exceeds the threshold, or of the k tags of each "
        "image that score highest.",
        ("tags",),
    ),
    "overall_pr": Protocol(
        "OP, OR and OF1",
        "The same of all pairs of image and tag together.",
        ("tags",),
    ),
    "per_image_pr": Protocol(
        "Precision, recall and F1 per image",
        "Of each image, the true classes among the k ranked first: divided by k (precision), and "
        "by all true classes of the image (recall, 0 where it has none); both are averaged over "
        "images. F1 is the harmonic mean of the two averages.",
        BOTH,
    ),
    "micro_pr": Protocol(
        "Precision, recall and F1 of all images together",
        "Right tags among the k ranked first of each image: divided by k times the images "
        "(precision), and by all tags that the images carry (recall). Images without a tag count "
        "too.",
        ("tags",),
    ),
}
WHOLE = {
    "map_noninterpolated": "mAP",
    "map_voc_11point": "mAP, 11 points",
    "map_voc_area": "mAP, area",
}
INITIALS = {"precision": "P", "recall": "R", "f1": "F1"}
SHORT = {"top_k_accuracy": "Top-{} accuracy", "per_image_pr_f1": "F1@{}", "micro_pr_f1": "F1@{}"}


def protocols_of(target: Target) -> list[str]:
    """Return the names of a target's protocols in reading order."""
    return [name for name, protocol in PROTOCOLS.items() if target in protocol.targets]


def protocol_of(metric: str) -> str:
    """Return the name of a metric's protocol."""
    return next(name for name in PROTOCOLS if metric.startswith(f"{name}_"))


def in_order(metrics: Iterable[str]) -> list[str]:
    """Return metrics in reading order, by protocol and then by k; the first is the headline."""
    order = list(PROTOCOLS)
    return sorted(metrics, key=lambda m: (order.index(protocol_of(m)), cut_of(m)))


def cut_of(metric: str) -> int:
    """Return the k of a metric; 0 of one without a cut-off."""
    last = metric.rpartition("_")[2]
    return int(last) if last.isdigit() else 0


def label(metric: str) -> str:
    """Return a column header: "Top-5 accuracy", "Recall@5", "mAP", "CF1", "OF1, top 3"."""
    if metric in WHOLE:
        return WHOLE[metric]
    kind, cut, name = metric.rpartition("_")[0], cut_of(metric), protocol_of(metric)
    short = kind.rpartition("_")[2]
    if name in ("category_pr", "overall_pr"):
        return name[0].upper() + INITIALS[short] + (f", top {cut}" if cut else "")
    return SHORT.get(kind, short.capitalize() + "@{}").format(cut)
