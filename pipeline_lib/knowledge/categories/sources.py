"""The sources of a category graph by name: what is asked, and what each says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl
from scipy.sparse import csr_array

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories import cooccurrence
from pipeline_lib.knowledge.categories.edges import NEGATIVE, Categories
from pipeline_lib.knowledge.categories.files import read_edges
from pipeline_lib.knowledge.categories.llm.miner import gather, mode_of_environment, to_edges
from pipeline_lib.knowledge.categories.llm.question import questions, subjects
from pipeline_lib.knowledge.categories.llm.recorded import Recording
from pipeline_lib.knowledge.categories.llm.store import AnswerStore
from pipeline_lib.knowledge.categories.similarity import drawn, similar
from pipeline_lib.knowledge.categories.wordnet import related
from pipeline_lib.params.category_graph import CategoryGraph, Recorded, told
from pipeline_lib.params.section import optional_path
from pipeline_lib.progress import Track
from pipeline_lib.wordnet import read_lexicon


@dataclass(frozen=True)
class Asked:
    """What a source may know and look up."""

    categories: Categories  # names, which of them are seen, and their text embeddings
    labels: pl.Series  # lists of category indices, one per *training* image
    params: CategoryGraph
    answers: Path  # where those of a language model outlive a kill
    track: Track

    @cached_property
    def counts(self) -> csr_array:
        """How many training images carry both of two seen categories."""
        together = cooccurrence.count(self.labels, len(self.categories.names))
        return cooccurrence.without_unseen(together, self.categories.seen)


@dataclass(frozen=True)
class Said:
    """The answer of a source."""

    edges: pl.DataFrame  # as EDGES
    facts: dict[str, float] = field(default_factory=dict)  # for metrics.json
    answers: pl.DataFrame | None = None  # as ANSWERS: what the edges were read from
    remarks: list[str] = field(default_factory=list)  # a sentence each, for who runs the stage


def _cooccurrence(asked: Asked) -> Said:
    edges = cooccurrence.conditional(asked.counts, asked.categories)
    exclusion = asked.params.exclusion
    if exclusion is None:
        return Said(edges)
    negative = cooccurrence.exclusive(
        asked.counts, len(asked.labels), asked.categories, expected=exclusion.expected
    )
    return Said(pl.concat([edges, negative]))


def _similarity(asked: Asked) -> Said:
    p = told(asked.params.similarity, "similarity")
    return Said(similar(asked.categories, most=p.most, at_least=p.at_least))


def _random(asked: Asked) -> Said:
    p = told(asked.params.random, "random")
    return Said(drawn(asked.categories, most=p.most, seed=p.seed))


def _wordnet(asked: Asked) -> Said:
    p = told(asked.params.wordnet, "wordnet")
    lexicon = read_lexicon(
        optional_path(asked.params.paths.wordnet), "category_graph.paths.wordnet"
    )
    edges, unknown = related(asked.categories, lexicon, senses=p.senses, at_least=p.at_least)
    return Said(edges, {"wordnet.unknown_names": len(unknown)})


def _llm(asked: Asked) -> Said:
    """Read what a language model answered; ask it as far as the environment allows."""
    known, p = asked.categories, asked.params.language_model
    if isinstance(p, Recorded):
        return _recorded(asked, p)
    store = AnswerStore(asked.answers)
    wanted = questions(known.names, known.seen_names, p)
    remarks = gather(wanted, store, mode_of_environment(), asked.track)
    edges, facts = to_edges(wanted, store.get, known.names, p.queries)
    return Said(edges, facts, store.table(wanted), remarks)


def _recorded(asked: Asked, p: Recorded) -> Said:
    recording = Recording.read(Path(asked.params.paths.answers))
    known = asked.categories
    wanted = subjects(known.names, known.seen_names, p.queries)
    recording.check(wanted)
    edges, facts = to_edges(wanted, recording.get, known.names, p.queries)
    return Said(edges, facts, recording.table(wanted))


def _file(asked: Asked) -> Said:
    params = asked.params
    path = optional_path(params.paths.file)
    if path is None:
        raise InputError(
            "category_graph.paths.file is data/none, expected a .csv or .graphml of edges for the "
            "source 'file'; name one, or take 'file' out of category_graph.sources"
        )
    edges = read_edges(path, asked.categories.names)
    against = len(edges.filter(sign=NEGATIVE))
    if against and not (params.exclusion is not None and "file" in params.sources):
        raise InputError(
            f"{path}: {against} edges have sign -1, and category_graph does not merge what "
            "excludes what; set category_graph.exclusion to {expected: 5.0} and name file "
            "among category_graph.sources, or leave these edges out"
        )
    return Said(edges)


SOURCES: dict[str, Callable[[Asked], Said]] = {
    "cooccurrence": _cooccurrence,
    "similarity": _similarity,
    "llm": _llm,
    "wordnet": _wordnet,
    "random": _random,
    "file": _file,
}
