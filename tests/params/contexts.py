"""Where a key is read that the default preset leaves at rest: what has to be chosen beside it."""

import re
from typing import Any

from tests.settled import at_rest

LEARNED = {"loss": "an"}
CONTEXTS: dict[str, dict[str, Any]] = {  # of patterns of dotted keys
    r".*recipe\.momentum": {"recipe.optimizer": "sgd"},
    r".*recipe\.decay(_every)?": {"recipe.schedule": "step"},
    r".*recipe\.min_lr": {"recipe.schedule": "cosine"},
    r"category_graph\.merge": {"sources": ["cooccurrence", "similarity"]},
    r"category_graph\.exclusion\.expected": {"exclusion.enabled": True},
    r"category_graph\.llm\..*": {"sources": ["cooccurrence", "llm"]},
    r"category_graph\.wordnet\..*": {"sources": ["cooccurrence", "wordnet"]},
    r"category_graph\.file\..*": {"sources": ["file"]},
    r"csrms\.weights\.js": {"smoothing.kind": "js_loss"},
    r"csrms\.smoothing\.kind": {"weights.js": 0.3},
    r"csrms\.weights\.backbone": {"alignment.prototype": "none"},
    r"csrms\.curriculum\.(alpha_.|until)": {"curriculum.pace": "linear"},
    r"csrms\.curriculum\.(step|tolerance)": {"curriculum.pace": "converged"},
    r"dataset\.(val|test)_share": {"format": "image_folder"},
    r"dataset\.columns\..*": {"format": "parquet"},
    r"dataset\.(val_share|test_share|seed)": {"format": "parquet"},
    r"dataset\.nuswide\..*": {"format": "nuswide"},
    r"dataset\.openimages\.(labels|unseen)": {"format": "openimages"},
    r"dataset\.openimages\.confidence": {"format": "openimages", "openimages.labels": "both"},
    r"dataset\.tag_matrix": {"format": "food101"},
    r"dataset\.unseen\.seed": {"unseen.share": 0.2},
    r"dataset\.single_positive\.seed": {"single_positive.enabled": True},
    r".*\.prompts\.(epochs|lr)": {"prompts.mode": "tuning"},
    r".*single_positive\.(scale|start|shift|lr_factor)": LEARNED,
    r".*single_positive\.smoothing": {"loss": "an_ls"},
    r".*single_positive\.positives": {"loss": "epr"},
    r".*single_positive\.(spread|known)": {"loss": "role"},
    r".*single_positive\.alpha": {"loss": "em"},
    r".*single_positive\.(beta|share|warmup_epochs)": {"loss": "em_apl", "recipe.epochs": 9},
    r"text\.ngrams\..*": {"source": "ngrams"},
    r"text\.words\..*": {"source": "words"},
    r"text\.sentence\..*": {"source": "sentence"},
    r"vlp\.captions\.text_width": {"captions.text_heads": 1},
    r"vlp\.checkpoint": {"source": "checkpoint"},
    r"vlp\.(model|pretrained)": {"source": "named"},
}


def read_there(kind: type, place: str, section: dict[str, Any]) -> dict[str, Any]:
    """Return the section as it is where the key at ``place`` is read, all else at rest."""
    name, _, key = place.partition(".")
    changes = {}
    for pattern, beside in CONTEXTS.items():
        if re.fullmatch(pattern, place):
            changes |= beside
    content = section
    for other, value in changes.items():
        prefix = key.partition(".")[0] if name == "baseline" and other.startswith("recipe") else ""
        prefix = "captions" if name == "vlp" and other.startswith("recipe") else prefix
        content = with_value(content, f"{prefix}.{other}" if prefix else other, value)
    return at_rest(kind, content, keep=[key])


def with_value(section: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the section with the value at a dotted key replaced."""
    first, _, rest = key.partition(".")
    assert first in section, key
    return section | {first: with_value(section[first], rest, value) if rest else value}
