"""Where a key is read that the default preset leaves at rest: what has to be chosen beside it."""

import re
from typing import Any

from tests.families.open_vocabulary.toy_labels import learned, section
from tests.methods.toy import CURRICULA, SMOOTHINGS
from tests.presets import LIT, LLM, NGRAMS, PIXELS
from tests.recipes import CONSTANT, ONE_CYCLE
from tests.settled import at_rest

NONE = "data/none"
CONTEXTS: dict[str, dict[str, Any]] = {  # of patterns of dotted keys
    r".*recipe\.schedule\.(factor|every)": {"recipe.schedule": CONSTANT},
    r".*recipe\.schedule\.rise": {"recipe.schedule": ONE_CYCLE},
    r".*recipe\.schedule\.(warmup_epochs|min_lr)": {"recipe.epochs": 9},
    r"category_graph\.merge": {"sources": ["cooccurrence", "similarity"]},
    r"category_graph\.exclusion\.expected": {"exclusion": {"expected": 5.0}},
    r"category_graph\.llm\..*": {"sources": ["cooccurrence", "llm"], "llm": LLM},
    r"category_graph\.wordnet\..*": {
        "sources": ["cooccurrence", "wordnet"],
        "wordnet": {"senses": 1, "at_least": 0.2},
    },
    r"csrms\.smoothing\.weight": {"smoothing": SMOOTHINGS["js_loss"]},
    r"csrms\.weights\.backbone": {"alignment": "none"},
    r"csrms\.(supervise|refresh_epochs)": {"lists": "encode"},
    r"csrms\.curriculum\.(alpha_.|until|placebo)": {"curriculum": CURRICULA["linear"]},
    r"csrms\.curriculum\.(step|tolerance|below)": {"curriculum": CURRICULA["converged"]},
    r"dataset\.(val|test)_share": {"format": "image_folder"},
    r"dataset\.columns\..*": {"format": "parquet"},
    r"dataset\.(val_share|test_share|seed)": {"format": "parquet"},
    r"dataset\.scenes\.difficulty\..*": {
        "scenes.difficulty": {
            "scale": 0.5,
            "hidden": 0.2,
            "missing": 0.3,
            "wrong": 0.1,
            "unnamed": 0.5,
        }
    },
    r"dataset\.nuswide\..*": {"format": "nuswide"},
    r"dataset\.openimages\.(labels|unseen)": {"format": "openimages"},
    r"dataset\.openimages\.confidence": {"format": "openimages", "openimages.labels": "both"},
    r"dataset\.tag_matrix": {"format": "food101"},
    r"dataset\.captions\.tags\.(name|least|images)": {
        "captions": {
            "tags": {"name": "list", "least": 2, "images": 20},
            "names": "n.txt",
            "wordnet": NONE,
        },
    },
    r"dataset\.unseen\.by\.(name|share|seed)": {
        "unseen": {"by": {"name": "share", "share": 0.2, "seed": 0}, "names": NONE, "wordnet": NONE}
    },
    r"dataset\.unseen\.by\.count": {
        "unseen": {"by": {"name": "rarest", "count": 2}, "names": NONE, "wordnet": NONE}
    },
    r"dataset\.unseen\.by\.images": {
        "unseen": {"by": {"name": "below", "images": 9}, "names": NONE, "wordnet": NONE}
    },
    r"dataset\.single_positive\.seed": {"single_positive.enabled": True},
    r".*\.prompts\.(epochs|lr)": {"prompts": {"name": "tuning", "epochs": 2, "lr": 0.001}},
    r".*\.loss\.scale\..*": {"loss": section("an", scale=learned())},
    r".*\.loss\.smoothing": {"loss": section("an_ls")},
    r".*\.loss\.positives": {"loss": section("epr")},
    r".*\.loss\.(spread|known|lr_factor)": {"loss": section("role")},
    r".*\.loss\.alpha": {"loss": section("em")},
    r".*\.loss\.(beta|share|warmup_epochs)": {"loss": section("em_apl"), "recipe.epochs": 9},
    r"regions\.source\.image_size": {"source": PIXELS},
    r"text\.source\.(dims|shortest|longest)": {"source": NGRAMS},
    r"vlp\.source\.(ridge|anchors)": LIT,
    r"vscnet\.regions\..*": {
        f"modules.{part}": part == "locate"
        for part in ("fusion", "causal", "graph", "knowledge", "locate")
    },
    r"vlp\.source\.text_width": {"source.text_heads": 1},
}


def read_there(kind: Any, place: str, content: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return a section with a value at ``place``, as it is where that is read; all else at rest."""
    name, _, key = place.partition(".")
    for pattern, beside in CONTEXTS.items():
        if re.fullmatch(pattern, place):
            for other, chosen in beside.items():
                prefix = ""
                if other.startswith("recipe") and "recipe" in place:
                    prefix = place[len(name) + 1 : place.index("recipe")]
                content = with_value(content, prefix + other, chosen)
    return at_rest(kind, with_value(content, key, value), keep=[key])


def with_value(section: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the section with the value at a dotted key replaced."""
    first, _, rest = key.partition(".")
    assert first in section, key
    return section | {first: with_value(section[first], rest, value) if rest else value}
