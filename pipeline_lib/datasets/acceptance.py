"""Which labelled items of a data set can be used, judged before any image is decoded."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from pipeline_lib.artifacts.samples import REJECTED
from pipeline_lib.datasets.balance import check_tag_settings
from pipeline_lib.datasets.caption_tags import with_caption_tags
from pipeline_lib.datasets.reader import Item, LeftOut, Reader, Rejection, Vocabulary
from pipeline_lib.datasets.splits import NAME, fill_splits
from pipeline_lib.datasets.unseen import with_unseen
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

DUPLICATE = "duplicate key"


@dataclass(frozen=True)
class Labelled:
    """The items of a data set, every one with its split, and those that had to be rejected."""

    vocabulary: Vocabulary  # with the unseen tags that a list adds
    items: list[Item]
    splits: list[str]
    rejections: list[Rejection]
    left_out: list[LeftOut]


class TooManyRejected(InputError):
    """More items than ``dataset.max_rejected`` allows; ``rejected`` is the table of them."""

    def __init__(self, message: str, rejected: pl.DataFrame) -> None:
        super().__init__(message)
        self.rejected = rejected


def read_labels(reader: Reader, params: Dataset) -> Labelled:
    """Read every item and sort out the unusable: the first of several with one key is kept.

    Raises:
        InputError: ``dataset.unseen`` names what is no tag, something is said of the tags of a
            data set that has none, or ``dataset.captions`` does not fit its captions and tags.
    """
    vocabulary = reader.vocabulary()
    items: dict[str, Item] = {}
    rejections: list[Rejection] = []
    left_out: list[LeftOut] = []
    known = set(vocabulary.classes), set(vocabulary.tags)
    for item in reader.items():
        verdict = _judge(item, items, known) if isinstance(item, Item) else item
        if isinstance(verdict, Rejection):
            rejections.append(verdict)
        elif isinstance(verdict, LeftOut):
            left_out.append(verdict)
        else:
            items[verdict.key] = verdict
    splits = fill_splits(
        list(items),
        [item.split for item in items.values()],
        val_share=params.val_share,
        test_share=params.test_share,
        seed=params.seed,
    )
    tagged = with_caption_tags(vocabulary, list(items.values()), splits, params.captions)
    check_tag_settings(tagged.vocabulary, params)
    vocabulary = with_unseen(tagged.vocabulary, tagged.items, splits, params.unseen)
    return Labelled(vocabulary, tagged.items, splits, rejections, left_out)


def reject_frame(rejections: Iterable[Rejection]) -> pl.DataFrame:
    """Return the table of rejected items, with one row for an item that fails twice alike."""
    merged: dict[tuple[str, str], Rejection] = {}
    counts = Counter((r.item, r.reason) for r in rejections)
    for rejection in rejections:
        merged.setdefault((rejection.item, rejection.reason), rejection)
    for key, count in counts.items():
        if count > 1:
            first = merged[key]
            merged[key] = replace(first, detail=f"{first.detail} (and {count - 1} more)")
    rows = [(r.item, r.reason, r.split, r.detail) for _, r in sorted(merged.items())]
    return pl.DataFrame(rows, schema=REJECTED.dtypes, orient="row")


def check_rejected(rejections: list[Rejection], total: int, *, max_rejected: float) -> None:
    """Stop where the share of rejected items is above ``max_rejected``.

    Raises:
        TooManyRejected: with the commonest reasons and one example.
    """
    rejections = [rejection for rejection in rejections if rejection.lost]
    if not rejections or len(rejections) / total <= max_rejected:
        return
    reasons = Counter(rejection.reason for rejection in rejections).most_common(3)
    example = next(r for r in rejections if r.reason == reasons[0][0])
    restart = "set dataset.columns.id to a column that is unique, or to '' for none; "
    raise TooManyRejected(
        f"{len(rejections)} of {total} items rejected, dataset.max_rejected allows "
        f"{max_rejected:g} of them: {', '.join(f'{reason} ({n})' for reason, n in reasons)}; "
        f"for example '{example.item}': {example.reason}: {example.detail}; rejected.parquet lists "
        f"them all; {restart if example.reason == DUPLICATE else ''}mend or remove them, or raise "
        "dataset.max_rejected",
        reject_frame(rejections),
    )


def _judge(item: Item, kept: dict[str, Item], known: tuple[set[str], set[str]]) -> Item | Rejection:
    fault = (
        _duplicate(item, kept)
        or _unknown(item, *known)
        or _split_fault(item)
        or (("no class", "expected at least one") if known[0] and not item.classes else None)
    )
    return Rejection(item.key, *fault, item.split, path=item.path) if fault else item


def _duplicate(item: Item, kept: dict[str, Item]) -> tuple[str, str] | None:
    first = kept.get(item.key)
    if first is None:
        return None
    return DUPLICATE, f"{_place(item)}, after {_place(first)}"


def _unknown(item: Item, classes: set[str], tags: set[str]) -> tuple[str, str] | None:
    tagged = {*item.tags, *item.left_open, *(box.tag for box in item.boxes or ())}
    strange = sorted((set(item.classes) - classes) | (tagged - tags))
    return ("unknown label", ", ".join(strange)) if strange else None


def _split_fault(item: Item) -> tuple[str, str] | None:
    if item.split is None or NAME.fullmatch(item.split):
        return None
    return "bad split name", f"'{item.split}', expected letters, digits and '_', a letter first"


def _place(item: Item) -> str:
    return item.path if item.row is None else f"{item.path} row {item.row}"
