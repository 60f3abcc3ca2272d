"""Small vocabularies."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from pipeline_lib.knowledge.categories.edges import Categories
from pipeline_lib.params.category_graph import WITH_SETTINGS, CategoryGraph
from tests.settled import settled

SECTION = {
    "sources": ["cooccurrence"], "beside": [], "merge": "mean", "neighbours": 3,
    "exclusion": "none",
    "similarity": {"most": 2, "at_least": 0.0},
    "llm": {"name": "asked", "model": "m", "queries": 2, "temperature": 0.5, "max_tokens": 100},
    "wordnet": {"senses": 1, "at_least": 0.2},
    "random": {"most": 2, "seed": 0},
    "paths": {"wordnet": "data/none", "file": "data/none", "answers": "data/none"},
}  # fmt: skip


@pytest.fixture
def section() -> Callable[..., CategoryGraph]:
    """Build the section ``category_graph`` with some values changed."""

    def build(**changes):
        values = SECTION | changes
        named = {*values["sources"], *values["beside"]}
        off = {name: "none" for name in WITH_SETTINGS if name not in named}
        return settled(CategoryGraph, values | off)

    return build


def categories(names, unseen=(), embeddings=None):
    """Return categories with embeddings of their own, or the given ones."""
    names = list(names)
    vectors = np.eye(len(names), dtype=np.float32) if embeddings is None else embeddings
    seen = np.array([name not in unseen for name in names])
    return Categories(names, seen, np.asarray(vectors, np.float32))


def lists(rows):
    """Return labels as the sample table holds them."""
    return pl.Series(rows, dtype=pl.List(pl.Int32))
