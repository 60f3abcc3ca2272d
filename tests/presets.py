"""The default preset as tests read it: complete, the sections of all methods among them."""

import copy
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.presets import text_of
from tests.conftest import ROOT
from tests.recipes import ADAMW, PLAIN

# a source of text that needs no file
NGRAMS = {"name": "ngrams", "dims": 512, "shortest": 3, "longest": 5}
# a language model as a source of the category graph
LLM = {
    "name": "asked",
    "model": "gpt-4o-mini",
    "queries": 3,
    "temperature": 0.7,
    "max_tokens": 4096,
}
# section regions.source where regions are cut out of pictures
PIXELS = {
    "name": "pixels",
    "image_size": 16,
    "recipe": PLAIN | {"epochs": 2, "optimizer": ADAMW},
}
# section category_graph where labels alone are asked
BY_LABELS = {
    "sources": ["cooccurrence"],
    "beside": [],
    **dict.fromkeys(("similarity", "llm", "wordnet", "random"), "none"),
    "paths": dict.fromkeys(("wordnet", "file", "answers"), "data/none"),
}
# section vlp where it joins a trunk and a sentence encoder
LIT = {
    "source": {
        "name": "lit",
        "ridge": 30.0,
        "anchors": 1.0,
        "scale": 20.0,
        "seed": 0,
        "recipe": PLAIN | {"optimizer": ADAMW},
    },
    "checkpoint": "trunk.safetensors",
    "sentences": "sentences",
    "vectors": "vectors",
}


@cache
def _whole() -> Any:
    return YAML(typ="safe", pure=True).load(text_of(ROOT / "presets", DEFAULT, {}, whole=True))


def default_document() -> dict[str, Any]:
    """Return a copy that may be changed."""
    return copy.deepcopy(_whole())


def default_text() -> str:
    """Return the same as a text, as `protoweave use` would write it."""
    return text_of(ROOT / "presets", DEFAULT, {}, whole=True)
