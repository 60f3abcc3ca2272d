"""Tags from captions: what several captions of an image name is there, what none names is not.

Between the two lies what nobody knows: a name that fewer captions say, or of which one says a kind
(``caption_names``). A data set with tags of its own keeps them and gets these unknown ones beside.
"""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.datasets.caption_names import Names, Said, meaning_of
from pipeline_lib.datasets.caption_nouns import nouns
from pipeline_lib.datasets.reader import Item, Vocabulary
from pipeline_lib.datasets.text_lists import read_names
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Captions, CaptionTags, GivenTags, ListedTags, NounTags
from pipeline_lib.params.section import optional_path
from pipeline_lib.wordnet import Lexicon, read_lexicon

WORDNET = "dataset.captions.wordnet"
SHOWN = 5  # names in a remark


@dataclass(frozen=True)
class Tagged:
    """A data set whose tags its captions say, or say nothing of."""

    vocabulary: Vocabulary
    items: list[Item]


def with_caption_tags(
    vocabulary: Vocabulary, items: Sequence[Item], splits: Sequence[str], params: Captions
) -> Tagged:
    """Return the items with tags from captions, or with what these leave open of given tags.

    Raises:
        InputError: there are no captions, too few an image, tags where none are expected or none
            where some are; or a file is not what it should be.
    """
    if params.tags is None:
        return Tagged(vocabulary, list(items))
    _check(vocabulary, params.tags, max((len(item.captions or ()) for item in items), default=0))
    path = optional_path(params.wordnet)
    lexicon = None if path is None else read_lexicon(path, WORDNET)
    if isinstance(params.tags, GivenTags):
        return _given(vocabulary, items, Names(vocabulary.tags, lexicon))
    if isinstance(params.tags, ListedTags):
        names = read_names(Path(params.names), named="dataset.captions.names")
    else:
        names = _nouns(items, splits, lexicon)
    return _derived(vocabulary, items, splits, Names(names, lexicon), params.tags)


def _check(vocabulary: Vocabulary, tags: CaptionTags, most: int) -> None:
    if not most:
        raise InputError(
            f"dataset.captions.tags is {tags.name}, and no image has a caption, expected some; "
            "name their column in dataset.columns.caption, or set it to none"
        )
    if isinstance(tags, GivenTags):
        if not vocabulary.tags:
            raise InputError(
                "dataset.captions.tags is given, and the data set has no tags, expected some; "
                "choose list or nouns, or name their column in dataset.columns.tags"
            )
        return
    if vocabulary.tags:
        raise InputError(
            f"dataset.captions.tags is {tags.name}, and the data set has {len(vocabulary.tags)} "
            "tags of its own, expected none; choose given, which keeps them, or take their column "
            "out: dataset.columns.tags ''"
        )
    if tags.least > most:
        raise InputError(
            f"dataset.captions.tags.least is {tags.least}, and no image has more than {most} "
            f"captions, expected {most} at most; lower it"
        )


def _nouns(
    items: Sequence[Item], splits: Sequence[str], lexicon: Lexicon | None
) -> tuple[str, ...]:
    """Return the nouns of the training captions; of one meaning the word that is said most."""
    assert lexicon is not None  # params see to it
    trained = (item for item, split in zip(items, splits, strict=True) if split == TRAIN)
    found = nouns((text for item in trained for text in item.captions or ()), lexicon)
    first: dict[str | None, str] = {}
    for name in sorted(found, key=lambda name: (-found[name], name)):
        first.setdefault(meaning_of(name, lexicon), name)
    return tuple(sorted(first.values()))


def _given(vocabulary: Vocabulary, items: Sequence[Item], names: Names) -> Tagged:
    """Mark what a caption says, or says a kind of, and the tags do not."""
    marked = []
    for item in items:
        said = names.said(item.captions or ())
        kept = {*said.captions, *said.left_open} - {*item.tags, *(item.difficult or ())}
        marked.append(replace(item, unknown=tuple(sorted(kept))))
    remark = f"captions leave {_pairs(marked)} unknown, which their tags do not name"
    return Tagged(_remarked(vocabulary, f"{remark} (dataset.captions)"), marked)


def _derived(
    vocabulary: Vocabulary,
    items: Sequence[Item],
    splits: Sequence[str],
    names: Names,
    params: ListedTags | NounTags,
) -> Tagged:
    said = [names.said(item.captions or ()) for item in items]
    carried = [{n for n, count in one.captions.items() if count >= params.least} for one in said]
    counts = Counter(
        name for some, split in zip(carried, splits, strict=True) if split == TRAIN for name in some
    )
    kept = {name for name in names.names if counts[name] >= params.images}
    if not kept:
        raise InputError(
            f"dataset.captions.tags: none of {len(names.names)} names is said by {params.least} "
            f"captions of each of {params.images} training images, expected some; lower least or "
            "images, or look at the names"
        )
    tagged = [
        replace(item, tags=tuple(sorted(own & kept)), unknown=_left_open(item, one, kept - own))
        for item, own, one in zip(items, carried, said, strict=True)
    ]
    remarks = [
        f"tags are the {len(kept)} names that {params.least} captions of an image say, in "
        f"{params.images} training images at least: what no caption says counts as absent, and "
        f"{_pairs(tagged)} are unknown (dataset.captions)"
    ]
    if rare := sorted(set(names.names) - kept, key=lambda name: (-counts[name], name)):
        some = ", ".join(f"{name} {counts[name]}" for name in rare[:SHOWN])
        remarks.append(
            f"{len(rare)} names are said of fewer than {params.images} training images and are no "
            f"tags: {some}{', …' if len(rare) > SHOWN else ''}"
        )
    return Tagged(_remarked(replace(vocabulary, tags=tuple(sorted(kept))), *remarks), tagged)


def _left_open(item: Item, said: Said, names: AbstractSet[str]) -> tuple[str, ...]:
    """Return the names that captions hint at; all of them, where there are no captions."""
    hinted = {*said.captions, *said.left_open} if item.captions else names
    return tuple(sorted(names & hinted))


def _pairs(items: Sequence[Item]) -> str:
    count = sum(len(item.unknown or ()) for item in items)
    return f"{count:,} tags of {sum(bool(item.unknown) for item in items):,} images"


def _remarked(vocabulary: Vocabulary, *remarks: str) -> Vocabulary:
    return replace(vocabulary, remarks=(*vocabulary.remarks, *remarks))
