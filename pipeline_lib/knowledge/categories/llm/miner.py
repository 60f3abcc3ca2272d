"""Ask what is missing, keep every answer, and turn all of them into edges."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import polars as pl

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.edges import edge_frame, no_edges
from pipeline_lib.knowledge.categories.llm.answer import Related, Unusable, read_answer
from pipeline_lib.knowledge.categories.llm.question import STRENGTHS, About, Question, tokens
from pipeline_lib.knowledge.categories.llm.store import AnswerStore
from pipeline_lib.progress import Track

A = TypeVar("A", bound=About)
MODE = "PROTOWEAVE_LLM_MODE"
Mode = Literal["replay", "record", "refresh"]
MODES: tuple[Mode, ...] = ("replay", "record", "refresh")


@dataclass(frozen=True)
class Plan:
    """What would be asked, and about how much that is."""

    questions: int
    calls: int
    prompt_tokens: int  # about
    answer_tokens: int  # at most


def mode_of_environment() -> Mode:
    """Return ``PROTOWEAVE_LLM_MODE``; without it nothing is asked.

    Raises:
        InputError: it is no mode.
    """
    text = os.environ.get(MODE) or "replay"
    for mode in MODES:
        if text == mode:
            return mode
    raise InputError(f"{MODE}={text!r}: expected one of {', '.join(MODES)}; mend or unset it")


def plan(asked: Sequence[Question], store: AnswerStore, mode: Mode) -> Plan:
    """Say what ``gather`` would ask; nothing is asked."""
    source = store.renewed if mode == "refresh" else store
    missing = source.missing(asked)
    most = sum(question.settings.max_tokens for question in missing)
    return Plan(len(asked), len(missing), tokens(missing), most)


def gather(asked: Sequence[Question], store: AnswerStore, mode: Mode, track: Track) -> list[str]:
    """See to it that the store has an answer to every question; return remarks, a sentence each.

    ``replay`` asks nothing, ``record`` what is missing, ``refresh`` everything again; a refresh
    that was killed goes on where it stopped, and until it is done the old answers stay.

    Raises:
        InputError: answers are missing in ``replay``, or cannot be had; those that came are kept.
    """
    into = store.renewed if mode == "refresh" else store
    missing = into.missing(asked)
    if missing and mode == "replay":
        expected = plan(asked, store, mode)
        raise InputError(
            f"{store.folder}: {len(missing)} of {len(asked)} answers are not stored, first about "
            f"'{missing[0].category}'; `{MODE}=record dvc repro` asks for them "
            f"({expected.calls} calls, about {expected.prompt_tokens} tokens), `protoweave mine "
            "--from answers.parquet` takes those of somebody else, and without 'llm' in "
            "category_graph.sources none are needed"
        )
    remarks = _ask_all(missing, into, track) if missing else []
    if mode == "refresh":
        store.take_over(asked)
    return remarks


def to_edges(
    wanted: Sequence[A], answer_to: Callable[[A], str | None], names: Sequence[str], queries: int
) -> tuple[pl.DataFrame, dict[str, float]]:
    """Average the strengths over the queries of each category (0 where one does not name a pair).

    Args:
        wanted: what was answered.
        answer_to: gives the text of an answer.
        names: the categories, in index order.
        queries: of each.

    Returns:
        Edges whose value is the mean score, 0…3, and counts of what the answers held.
    """
    place = {name: i for i, name in enumerate(names)}
    said: dict[tuple[str, str], list[Related]] = {}
    unknown = broken = 0
    for one in wanted:
        answer = read_answer(answer_to(one) or "", one.seen, about=one.category)
        unknown, broken = unknown + answer.unknown, broken + answer.broken
        for related in answer.related:
            said.setdefault((one.category, related.category), []).append(related)
    facts: dict[str, float] = {
        "llm.answers": len(wanted),
        "llm.unknown_names": unknown,
        "llm.broken_entries": broken,
    }
    if not said:
        return no_edges(), facts
    scores = np.array([sum(r.score for r in found) / queries for found in said.values()])
    edges = edge_frame(
        names,
        np.array([place[target] for target, _ in said]),
        np.array([place[source] for _, source in said]),
        scores / max(STRENGTHS.values()),
        values=scores,
        provenance="llm",
        relation=[_commonest(found) for found in said.values()],
        explanation=[max(found, key=lambda r: r.score).explanation for found in said.values()],
    )
    return edges, facts


def _commonest(found: Sequence[Related]) -> str:
    return Counter(related.relation for related in found).most_common(1)[0][0]


def _ask_all(missing: Sequence[Question], store: AnswerStore, track: Track) -> list[str]:
    """Ask on several threads; each stores its answer before it asks again."""
    try:
        from pipeline_lib.knowledge.categories.llm.endpoint import Access, Endpoint
    except ImportError as error:
        raise InputError(
            "category_graph.sources: 'llm' needs httpx and tenacity to ask, which are not "
            "installed; pip install -e '.[llm]'"
        ) from error
    access = Access.from_environment()
    failed: list[tuple[Question, str]] = []
    with Endpoint(access) as endpoint, ThreadPoolExecutor(access.concurrency) as pool:
        work = {pool.submit(_ask, endpoint.ask, q, store): q for q in missing}
        label = f"asking {missing[0].settings.model}"
        try:
            for done in track(as_completed(work), label=label, total=len(work)):
                reason = done.result()
                if reason:
                    failed.append((work[done], reason))
        except (InputError, KeyboardInterrupt):  # no use to go on
            pool.shutdown(cancel_futures=True)
            raise
    if failed:
        question, reason = min(failed, key=lambda f: (f[0].category, f[0].query))
        categories = sorted({q.category for q, _ in failed})
        raise InputError(
            f"category '{question.category}', query {question.query}: {reason}; no usable answer "
            f"about {len(categories)} categories ({', '.join(categories[:5])}"
            f"{', …' if len(categories) > 5 else ''}), expected one to each of {len(missing)} "
            "questions; the others are kept, run again to ask only these"
        )
    return endpoint.remarks


def _ask(ask: Callable[[Question], str], question: Question, store: AnswerStore) -> str:
    """Ask and keep the answer; return why there is none, or nothing."""
    from pipeline_lib.knowledge.categories.llm.endpoint import Passing

    try:
        store.put(question, ask(question))
    except (Unusable, Passing) as error:
        return str(error)
    return ""
