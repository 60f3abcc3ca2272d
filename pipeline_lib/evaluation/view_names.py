"""The ways in which one split is judged, and what they are called in every table.

test                     the labels that training saw, as of any run
test@zsl                 the unseen labels alone, scored by themselves (ZSL)
test@zsl_without_twins   those of them that are no plural or singular of a seen label
test@zsl_far             those of them that are far from ImageNet's classes
test@gzsl                all labels together (GZSL)

The last four are those of runs that score unseen labels, on splits whose images carry some.
"""

from collections.abc import Iterable

MARK = "@"  # no name of a split holds it
ZSL, WITHOUT_TWINS, FAR, GZSL = ZERO_SHOT = ("zsl", "zsl_without_twins", "zsl_far", "gzsl")
ENDINGS = ("s", "es")
TITLES = {
    ZSL: "unseen labels (ZSL)",
    WITHOUT_TWINS: "unseen labels without a twin among the seen (ZSL)",
    FAR: "unseen labels far from ImageNet's classes (ZSL)",
    GZSL: "all labels (GZSL)",
}


def name_of(split: str, kind: str) -> str:
    """Return the name of a view: ``test@gzsl``."""
    return f"{split}{MARK}{kind}"


def split_of(view: str) -> str:
    """Return the split that a view is of, which may be the split itself."""
    return view.partition(MARK)[0]


def is_zero_shot(view: str) -> bool:
    """Tell whether unseen labels are among those judged."""
    return MARK in view


def title(view: str) -> str:
    """Return what a view is called on the page: "test, all labels (GZSL)"."""
    split, _, kind = view.partition(MARK)
    return f"{split}, {TITLES[kind]}" if kind else split


def views_of(split: str, known: Iterable[str]) -> list[str]:
    """Return the views of a split that are known, in reading order: the split itself first."""
    names = [split, *(name_of(split, kind) for kind in ZERO_SHOT)]
    return [name for name in names if name in known]


def twins(unseen: Iterable[str], seen: Iterable[str]) -> dict[str, str]:
    """Return the unseen labels that are a regular plural or singular of a seen one, with that one.

    A method that recognises "horse" need know nothing new for "horses". Regular plurals end in s
    or es; of NUS-WIDE's 81 unseen labels thirty have such a twin. ("leaf" beside "leaves" is not
    counted: published counts, and ours, are of endings alone.)
    """
    taken = set(seen)
    found = {}
    for name in unseen:
        singular = [name.removesuffix(ending) for ending in ENDINGS if name.endswith(ending)]
        plural = [name + ending for ending in ENDINGS]
        twin = next((form for form in (*singular, *plural) if form in taken), None)
        if twin is not None:
            found[name] = twin
    return found
