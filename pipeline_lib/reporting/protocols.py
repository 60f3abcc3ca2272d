"""The protocols of `pipeline_lib.evaluation.protocols` in the words of the page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """A family of metrics with a common definition."""

    title: str
    definition: str


PROTOCOLS = {
    "top_k_accuracy": Protocol(
        "Top-k accuracy",
        "The share of images of which a true class is among the k classes ranked first.",
    ),
    "per_image_pr": Protocol(
        "Precision, recall and F1 per image",
        "Of each image, the true classes among the k ranked first: divided by k (precision), and "
        "by all true classes of the image (recall, 0 where it has none); both are averaged over "
        "images. F1 is the harmonic mean of the two averages.",
    ),
}
SHORT = {"top_k_accuracy": "Top-{} accuracy", "per_image_pr_f1": "F1@{}"}


def protocol_of(metric: str) -> str:
    """Return the name of a metric's protocol."""
    return next(name for name in PROTOCOLS if metric.startswith(name))


def cut_of(metric: str) -> int:
    """Return the k of a metric."""
    return int(metric.rpartition("_")[2])


def label(metric: str) -> str:
    """Return a column header: "Top-5 accuracy", "Recall@5"."""
    kind = metric.rpartition("_")[0]
    return SHORT.get(kind, kind.rpartition("_")[2].capitalize() + "@{}").format(cut_of(metric))
