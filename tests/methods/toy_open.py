"""Sections of open-vocabulary methods, to change one by one."""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.c2srt.settings import Settings as C2srt
from pipeline_lib.methods.clip.settings import Settings as Clip
from pipeline_lib.methods.clip_ft.settings import Settings as ClipFt
from pipeline_lib.methods.mkt.settings import Settings as Mkt
from pipeline_lib.nn.towers import Seen
from tests.methods.toy import merged
from tests.methods.toy_towers import DIMS, LABELS, PATCHES, knowledge, towers
from tests.presets import default_document
from tests.recipes import ADAMW, RECIPE
from tests.settled import settled

RECIPE_OPEN = RECIPE | {"optimizer": ADAMW}
NEIGHBOURS = torch.tensor([[3, -1], [0, 1], [0, 3], [1, 0], [6, 3], [1, 4], [-1, -1]])
NONE = "none"
ROWS: dict[str, dict[str, str]] = {  # of C2SRT's Table 3 but the first, by what is switched off
    "dist": {"isr": NONE, "ist": NONE},
    "isr": {"ist": NONE},
    "ist": {"isr": NONE},
    "all": {},
}


def on(row: str, module: str) -> bool:
    """Say whether a row has a module."""
    return ROWS[row].get(module) != NONE


@cache
def document() -> dict[str, Any]:
    return default_document()


def section_of(name: str, **changes: Any) -> dict[str, Any]:
    """The section of the default preset with a recipe of one short epoch."""
    section = document()[name]
    own = {"recipe": RECIPE_OPEN, "student": {"trained_blocks": 1}}
    if name == "clip":
        own = {"batch_size": 6}
    if name == "c2srt":
        own |= {
            "ist": {"relation": "merged", "heads": 2, "hidden": 5, "neighbours": 2}
            | {"nodes": "paper", "residual": False},
            "isr": {"most": 5},
        }
    return merged(merged(section, own), changes)


def c2srt(**changes: Any) -> C2srt:
    return settled(C2srt, section_of("c2srt", **changes))


def clip(**changes: Any) -> Clip:
    return settled(Clip, section_of("clip", **changes))


def clip_ft(**changes: Any) -> ClipFt:
    return settled(ClipFt, section_of("clip_ft", **changes))


def mkt(**changes: Any) -> Mkt:
    return settled(Mkt, section_of("mkt", **changes))


def seen_of(rng: torch.Generator, batch: int = 3) -> Seen:
    """Random images as a tower would give them."""
    pooled = torch.randn(batch, DIMS, generator=rng, dtype=torch.float64)
    patches = torch.randn(batch, PATCHES, DIMS, generator=rng, dtype=torch.float64)
    return Seen(pooled, patches)


def labels_of(rng: torch.Generator, scored: list[int] | None = None) -> Labels:
    """All labels with random texts and the neighbours above."""
    texts = torch.randn(LABELS, DIMS, generator=rng, dtype=torch.float64)
    return Labels(
        torch.nn.functional.normalize(texts, dim=1),
        NEIGHBOURS,
        torch.tensor(scored if scored is not None else range(LABELS)),
    )


def permuted(labels: Labels, order: Tensor) -> Labels:
    """The same labels in another order."""
    place = torch.argsort(order)
    table = torch.where(labels.neighbours < 0, -1, place[labels.neighbours.clamp(min=0)])
    return Labels(labels.texts[order], table[order], torch.arange(len(order)))


def other_unseen(arrays: dict[str, Tensor]) -> dict[str, Tensor]:
    """Knowledge in which unseen labels have other texts, tokens and neighbours."""
    unseen = ~arrays["seen"]
    changed = {name: value.clone() for name, value in arrays.items()}
    for name in ("embeddings", "simple", "tokens"):
        changed[name][unseen] = arrays[name][unseen].flip(0)
    changed["neighbours"][unseen] = arrays["neighbours"][unseen].flip(0, 1)
    return changed


def assert_unseen_labels_train_nothing(fit: Callable[..., Any]) -> None:
    """``fit(knowledge)`` gives the same weights whatever is known of unseen labels."""
    arrays = knowledge(towers())
    one, two = fit(arrays), fit(other_unseen(arrays))
    assert one.state.keys() == two.state.keys()
    assert all(torch.equal(one.state[name], two.state[name]) for name in one.state)
    assert not torch.equal(one.zsl["test"], two.zsl["test"])
    seen = arrays["seen"]  # which hear seen labels alone, so at a test too
    torch.testing.assert_close(one.logits["test"][:, seen], two.logits["test"][:, seen])
