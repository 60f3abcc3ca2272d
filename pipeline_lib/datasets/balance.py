"""Whether what is left of a data set can be trained on and tested."""

from collections import Counter
from collections.abc import Iterable, Sequence

from pipeline_lib.artifacts.samples import TEST, TRAIN
from pipeline_lib.datasets.reader import Vocabulary
from pipeline_lib.datasets.sample_tables import Sample
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset


def check_tag_settings(vocabulary: Vocabulary, params: Dataset) -> None:
    """Refuse what is said of the tags of a data set that has none.

    Raises:
        InputError: with the keys.
    """
    said = {
        "dataset.unseen.by": params.unseen.by is not None,
        "dataset.single_positive.enabled": params.single_positive.enabled,
    }
    keys = [key for key, is_said in said.items() if is_said]
    if keys and not vocabulary.tags:
        raise InputError(
            f"{' and '.join(keys)}: the data set has no tags, expected some; name their column in "
            "dataset.columns.tags, set by to none and enabled to false, or make tags of captions: "
            "dataset.captions.tags"
        )


def check_splits(samples: Iterable[Sample], params: Dataset, *, dropped: int = 0) -> None:
    """Refuse a data set without images to train on or to test; ``dropped`` of them were copies.

    Raises:
        InputError: with the splits that there are.
    """
    counts = Counter(sample.split for sample in samples)
    found = ", ".join(f"{split} {count}" for split, count in sorted(counts.items())) or "no images"
    if dropped:
        found += f" after dataset.duplicates dropped {dropped} copies of images that are tested on"
    if not counts[TRAIN]:
        raise InputError(
            f"dataset: split 'train' is empty, found {found}; expected images to learn from; look "
            "at the folders or at dataset.columns.split, or lower dataset.test_share "
            f"({params.test_share:g}) and dataset.val_share ({params.val_share:g})"
        )
    if not counts[TEST]:
        raise InputError(
            f"dataset: split 'test' is empty, found {found}; expected images to test on; set "
            f"dataset.test_share ({params.test_share:g}) higher to hold some out of train"
        )


def check_classes(samples: Sequence[Sample], vocabulary: Vocabulary) -> None:
    """Refuse a data set whose classes cannot be learnt; one that has only tags may have none.

    Raises:
        InputError: there are no labels, fewer than two classes, or a class has no training image.
    """
    if not vocabulary.classes and not vocabulary.tags:
        raise InputError(
            "dataset: found neither classes nor tags, expected labels; name their columns in "
            "dataset.columns.classes or dataset.columns.tags, or make tags of captions: "
            "dataset.captions.tags"
        )
    by_split = Counter(
        (name, sample.split) for sample in samples for name in set(sample.item.classes)
    )
    trained = [name for name in vocabulary.classes if by_split[name, TRAIN]]
    if vocabulary.classes and len(trained) < 2:
        raise InputError(
            f"dataset: the classes of the training images are {trained}, expected two or more; add "
            "classes, or name their column in dataset.columns.classes"
        )
    missing = [name for name in vocabulary.classes if name not in trained]
    if missing:
        raise InputError(_missing(missing, by_split))


def check_tags(samples: Sequence[Sample], vocabulary: Vocabulary) -> None:
    """Refuse tags that no training image carries.

    Raises:
        InputError: with the splits whose images carry some.
    """
    carrying = Counter(sample.split for sample in samples if sample.item.tags)
    if vocabulary.tags and not carrying[TRAIN]:
        found = ", ".join(f"{n} in {split}" for split, n in sorted(carrying.items())) or "none"
        raise InputError(
            f"dataset: no image of split 'train' carries one of the {len(vocabulary.tags)} tags "
            f"(images with tags: {found}); expected some; look whether the annotations of that "
            "split are there, and at dataset.columns.tags and dataset.unseen"
        )


def untagged_splits(samples: Iterable[Sample], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the splits that cannot test tags, since none of their images carries one, sorted."""
    tagged = Counter(
        (sample.split, bool(sample.item.tags)) for sample in samples if vocabulary.tags
    )
    return tuple(sorted({split for split, _ in tagged if not tagged[split, True]}))


def _missing(missing: list[str], by_split: Counter[tuple[str, str]]) -> str:
    first = missing[0]
    elsewhere = [
        f"{count} in {split}" for (name, split), count in sorted(by_split.items()) if name == first
    ]
    others = f" (and {len(missing) - 1} other classes)" if len(missing) > 1 else ""
    return (
        f"dataset: class '{first}'{others} has no training image "
        f"({', '.join(elsewhere) or 'nor any other'}); expected one or more of every class; add "
        "some, lower dataset.val_share and dataset.test_share, or take the class out of the data"
    )
