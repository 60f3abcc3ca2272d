"""Every metric that runs are judged by, one a line.

Names in files, columns, titles, tables and figures of the page follow from this list: `evaluate`
forms all metrics of a target, at every cut-off of their protocol, in the same resamples of the
images. The first of a target sums a run up. Tables have the order of the list.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline_lib.evaluation.average_precision import CONVENTIONS
from pipeline_lib.evaluation.calibration import (
    CalibrationError,
    adaptive_error,
    of_first,
    of_pairs,
)
from pipeline_lib.evaluation.formulas import (
    F1,
    OfKind,
    OverImages,
    OverLabels,
    average_precision,
    label_f1,
    label_precision,
    label_recall,
    micro_precision,
    micro_recall,
    overall_precision,
    overall_recall,
)
from pipeline_lib.evaluation.metric import (
    Measure,
    Metric,
    Protocol,
    by_rule,
    decided,
    ranked_first,
    tempered,
    thresholds,
    whole,
)
from pipeline_lib.evaluation.ranking import per_image_precision, per_image_recall, top_k_accuracy
from pipeline_lib.evaluation.resampled import FROM_VAL
from pipeline_lib.targets import Target

CLASSES: tuple[Target, ...] = ("classes",)
TAGS: tuple[Target, ...] = ("tags",)

TOP_K = Protocol(
    "top_k_accuracy",
    "Top-k accuracy",
    "The share of images of which a true class is among the k classes ranked first.",
    CLASSES,
    ranked_first,
)
MAP = Protocol(
    "map",
    "Mean average precision",
    "Of each tag, all images are ranked by its score; average precision (AP) is the mean of "
    "the precision at the images that carry it (mAP, as on MS-COCO). PASCAL VOC takes the "
    "largest precision at the same or a higher recall instead: at eleven recalls (VOC 2007), "
    "or at all of them, the area under the curve (VOC 2010 on). mAP is the mean over tags; where "
    "seen and unseen ones are ranked together it is also given of either kind, with the harmonic "
    "mean of both: the plain mean says little of the few that are unseen.",
    TAGS,
    whole,
)
BY_LABEL = Protocol(
    "category_pr",
    "CP, CR and CF1",
    "Precision and recall of each tag, averaged over tags, and the harmonic mean of the two "
    "averages; of all tags whose probability exceeds the threshold, or of the k tags of each "
    "image that score highest. Macro F1 is the mean over tags of each tag’s F1. F1 is also that of "
    "thresholds of largest F1 on the val split, one for all tags or one for each; the interval "
    "takes the choice as given.",
    TAGS,
    decided,
)
OVERALL = Protocol(
    "overall_pr",
    "OP, OR and OF1",
    "The same of all pairs of image and tag together.",
    TAGS,
    decided,
)
PER_IMAGE = Protocol(
    "per_image_pr",
    "Precision, recall and F1 per image",
    "Of each image, the true classes among the k ranked first: divided by k (precision), and "
    "by all true classes of the image (recall, 0 where it has none); both are averaged over "
    "images. F1 is the harmonic mean of the two averages.",
    CLASSES + TAGS,
    ranked_first,
)
MACRO = Protocol(
    "macro",
    "Macro F1",
    "F1 of each class, which an image is taken for where the class is among the k ranked first; "
    "averaged over the classes that some image carries, so that rare ones count as much.",
    CLASSES,
    ranked_first,
)
MICRO = Protocol(
    "micro_pr",
    "Precision, recall and F1 of all images together",
    "Right tags among the k ranked first of each image: divided by k times the images "
    "(precision), and by all tags that the images carry (recall). Images without a tag count "
    "too.",
    TAGS,
    ranked_first,
)
CALIBRATION = Protocol(
    "calibration",
    "Calibration",
    "Expected calibration error (ECE): images in 15 bins by the probability of the class ranked "
    "first, the mean distance between that probability and the share that is right. Bins of equal "
    "width, or adaptive: of as many images each. 0 is exact. Probabilities are the softmax, "
    "as trained or divided by the temperature of least loss on the val split; the interval takes "
    "the temperature as given.",
    CLASSES,
    tempered,
)
PAIR_CALIBRATION = Protocol(
    "pair_calibration",
    "Calibration",
    "Expected calibration error (ECE): all pairs of image and tag in 15 bins by the probability "
    "of the tag, the mean distance between that probability and the share that is carried. 0 is "
    "exact; as most pairs are not carried, a run that believes nothing comes close.",
    TAGS,
    whole,
)


AP, AP_11, AP_AREA = (average_precision(name) for name in CONVENTIONS)
H = F1(OfKind(AP, unseen=False), OfKind(AP, unseen=True))
CP, CR = OverLabels(label_precision), OverLabels(label_recall)
MACRO_F1 = OverLabels(label_f1)
ECE, PAIR_ECE = CalibrationError(of_first), CalibrationError(of_pairs)
P, R = OverImages(per_image_precision), OverImages(per_image_recall)

METRICS = (
    Metric("top_k_accuracy", "Top-{} accuracy", TOP_K, OverImages(top_k_accuracy)),
    Metric("map_noninterpolated", "mAP", MAP, OverLabels(AP, "AP")),
    Metric("map_seen", "mAP of the seen", MAP, OfKind(AP, unseen=False), generalised=True),
    Metric("map_unseen", "mAP of the unseen", MAP, OfKind(AP, unseen=True), generalised=True),
    Metric("map_harmonic", "mAP, harmonic mean of seen and unseen", MAP, H, generalised=True),
    Metric("map_voc_11point", "mAP, 11 points", MAP, OverLabels(AP_11, "AP, 11 points")),
    Metric("map_voc_area", "mAP, area", MAP, OverLabels(AP_AREA, "AP, area")),
    Metric("category_pr_f1", "CF1", BY_LABEL, F1(CP, CR)),
    Metric("category_pr_precision", "CP", BY_LABEL, CP, by_rule),
    Metric("category_pr_recall", "CR", BY_LABEL, CR, by_rule),
    Metric("category_pr_macro_f1", "Macro F1", BY_LABEL, MACRO_F1, thresholds),
    Metric("overall_pr_f1", "OF1", OVERALL, F1(overall_precision, overall_recall)),
    Metric("overall_pr_precision", "OP", OVERALL, overall_precision, by_rule),
    Metric("overall_pr_recall", "OR", OVERALL, overall_recall, by_rule),
    Metric("per_image_pr_f1", "F1@{}", PER_IMAGE, F1(P, R)),
    Metric("per_image_pr_precision", "Precision@{}", PER_IMAGE, P),
    Metric("per_image_pr_recall", "Recall@{}", PER_IMAGE, R),
    Metric("macro_f1", "Macro F1@{}", MACRO, MACRO_F1),
    Metric("micro_pr_f1", "F1@{}", MICRO, F1(micro_precision, micro_recall)),
    Metric("micro_pr_precision", "Precision@{}", MICRO, micro_precision),
    Metric("micro_pr_recall", "Recall@{}", MICRO, micro_recall),
    Metric("ece", "ECE", CALIBRATION, ECE, higher_is_better=False),
    Metric("ece_adaptive", "Adaptive ECE", CALIBRATION, adaptive_error, higher_is_better=False),
    Metric("pair_ece", "ECE", PAIR_CALIBRATION, PAIR_ECE, higher_is_better=False),
)


def protocols(targets: Iterable[Target]) -> list[Protocol]:
    """Return the protocols that some of the targets are judged by, in reading order."""
    some = set(targets)
    return list(dict.fromkeys(m.protocol for m in METRICS if some & set(m.protocol.targets)))


def measures(
    target: Target, top_k: Sequence[int], *, chosen: bool = False, generalised: bool = False
) -> list[Measure]:
    """Return what a target is judged by at some cut-offs, in reading order.

    That is by protocol, then by cut-off. The first sums a run up.

    Args:
        target: "classes" or "tags".
        top_k: numbers of labels.
        chosen: whether thresholds and temperatures were chosen on val.
        generalised: whether seen and unseen labels are ranked together.
    """
    return [
        Measure(metric, cut)
        for protocol in protocols([target])
        for cut in protocol.cuts(top_k)
        for metric in METRICS
        if metric.protocol == protocol
        and (metric.cuts is None or cut in metric.cuts(top_k))
        and (chosen or cut not in FROM_VAL)
        and (generalised or not metric.generalised)
    ]


def measure(stored: Mapping[str, Any]) -> Measure:
    """Read what `Measure.stored` wrote.

    Raises:
        LookupError: no metric of the list has this name.
    """
    found = next((metric for metric in METRICS if metric.name == stored["metric"]), None)
    if found is None:
        raise LookupError(stored["metric"])
    return Measure(found, stored["cut"])
