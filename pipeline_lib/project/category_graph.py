"""What the commands `protoweave graph` and `protoweave mine` do with a category graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline_lib.artifacts.category_graph import EDGES, EDGES_FILE
from pipeline_lib.artifacts.labelled import read_categories
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.files import merged, write_edges
from pipeline_lib.knowledge.categories.llm.miner import Mode, Plan, gather, plan
from pipeline_lib.knowledge.categories.llm.question import Question, questions
from pipeline_lib.knowledge.categories.llm.recorded import ENDING, Recording
from pipeline_lib.knowledge.categories.llm.store import AnswerStore
from pipeline_lib.params.category_graph import CategoryGraph, Recorded
from pipeline_lib.params.nearest import nearest
from pipeline_lib.progress import Track
from pipeline_lib.targets import TARGETS, Target

GRAPHS = Path("data/artifacts/category_graph")
CATEGORIES_FILE = Path("data/artifacts/ingest/categories.parquet")
ANSWERS = Path(".protoweave/llm")


@dataclass(frozen=True)
class Line:
    """One neighbour of a category."""

    provenance: str
    source: str
    strength: str  # with its sign
    relation: str
    explanation: str


def neighbours(root: Path, category: str, target: str, most: int) -> list[Line]:
    """Return what informs a category: by source the strongest first, and what excludes it.

    Raises:
        InputError: there is no graph, or no such category in it.
    """
    edges, names = _graph(root, _target(root, target))
    if category not in names:
        raise InputError(f"no category '{category}' in the graph{nearest(category, names)}")
    own = edges.filter(target=category).sort(
        "provenance", "sign", "strength", "source", descending=[False, True, True, False]
    )
    shown = own.group_by("provenance", "sign", maintain_order=True).head(most)
    return [
        Line(
            row["provenance"],
            row["source"],
            f"{row['sign'] * row['strength']:.3f}",
            row["relation"],
            row["explanation"],
        )
        for row in shown.iter_rows(named=True)
    ]


def export(root: Path, path: Path, target: str) -> int:
    """Write the merged graph as CSV or GraphML; return the number of its edges.

    Raises:
        InputError: there is no graph, or the file is of another kind.
    """
    p = CategoryGraph.load("category_graph", root / "params.yaml")
    edges, names = _graph(root, _target(root, target))
    chosen = edges.filter(pl.col("provenance").is_in(p.sources))
    together = merged(chosen, merge=p.merge, sources=len(p.sources))
    write_edges(path, together, names)
    return len(together)


def planned(root: Path, target: str, mode: Mode) -> Plan:
    """Say what mining would ask a language model; nothing is asked."""
    return plan(_questions(root, target), AnswerStore(root / ANSWERS), mode)


def ask(root: Path, target: str, mode: Mode, track: Track) -> tuple[int, list[str]]:
    """Ask a language model what is missing; return how many answers there are now, and remarks."""
    asked = _questions(root, target)
    return len(asked), gather(asked, AnswerStore(root / ANSWERS), mode, track)


def take(root: Path, answers: Path, target: str) -> int:
    """Keep the answers of an artifact, or recorded ones to what would be asked; return how many.

    Raises:
        InputError: it is neither, or holds no answer to any of the questions.
    """
    store = AnswerStore(root / ANSWERS)
    if answers.suffix != ENDING:
        return store.add_table(answers)
    recording, count = Recording.read(answers), 0
    for question in _questions(root, target):
        answer = recording.get(question)
        if answer is not None:
            store.put(question, answer)
            count += 1
    if not count:
        raise InputError(
            f"{answers}: no answer is about one of the {target}, expected some; take a file that "
            "was recorded for these names"
        )
    return count


def _questions(root: Path, target: str) -> list[Question]:
    p = CategoryGraph.load("category_graph", root / "params.yaml")
    rows = read_categories(root / CATEGORIES_FILE).predicted(_known(target))
    names, seen = (found["name"].to_list() for found in (rows, rows.filter("seen")))
    settings = p.language_model
    if isinstance(settings, Recorded):
        raise InputError(
            f"category_graph.llm is recorded: its answers are read from {p.paths.answers}, and "
            "nothing is asked; to ask a model, set category_graph.llm to {name: asked, …} "
            "(docs/category_graphs.md)"
        )
    return questions(names, seen, settings)


def _known(target: str) -> Target:
    for known in TARGETS:
        if target == known:
            return known
    raise InputError(f"no target '{target}'{nearest(target, TARGETS)}")


def _target(root: Path, target: str) -> Target:
    """Return the target that was asked for, or the only one that there is a graph of."""
    there = [known for known in TARGETS if (root / GRAPHS / known / EDGES_FILE).exists()]
    for known in there:
        if target == known or (not target and len(there) == 1):
            return known
    raise InputError(
        f"{GRAPHS}: there is a graph of {' and of '.join(there) or 'nothing'}, expected "
        f"{target or 'one target'}; choose one with --target, or let dvc.yaml mine one: "
        "docs/category_graphs.md"
    )


def _graph(root: Path, target: Target) -> tuple[pl.DataFrame, Sequence[str]]:
    edges = EDGES.read(root / GRAPHS / target / EDGES_FILE)
    return edges, read_categories(root / CATEGORIES_FILE).predicted_names(target)
