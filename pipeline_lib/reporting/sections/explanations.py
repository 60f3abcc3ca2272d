"""Part "Explanations" of a run of VSCNet: how some test images came to their class (Fig. 7)."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.evaluation.ranking import ranking
from pipeline_lib.reporting.case import Case
from pipeline_lib.reporting.exemplar_pictures import Matched
from pipeline_lib.reporting.figures.layered import Layered, Node, layered
from pipeline_lib.reporting.image_graphs import KINDS, Graphs
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.members import Strip
from pipeline_lib.reporting.region_pictures import Overlay
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section

EACH = 2  # images that were classified rightly, and as many wrong ones, at even steps
PROTOTYPES, MEMBERS = 4, 4  # matched prototypes shown of an image, pictures of each
CLASSES = 3  # ranked first


@dataclass(frozen=True)
class Tag:
    """A tag that is a node of the graph."""

    name: str
    raw: float  # the highest probability that a region gives it
    refined: float
    causal: float | None
    carried: bool


@dataclass(frozen=True)
class Match:
    """A prototype that regions matched."""

    tag: str
    strip: Strip
    similarity: float  # of the most similar region
    regions: list[int]
    causal: float | None


@dataclass(frozen=True)
class EdgeKind:
    """The edges between two kinds of nodes."""

    name: str
    count: int
    causal: float | None  # the mean


@dataclass(frozen=True)
class Guess:
    """A class among the first."""

    name: str
    belief: float  # P_k, of the matched prototypes alone
    share: float | None  # of the final prediction; None where classes do not exclude each other
    true: bool


@dataclass(frozen=True)
class Explanation:
    """One image."""

    overlay: Overlay
    right: bool
    tags: list[Tag]
    matches: list[Match]
    left_out: int  # matched prototypes that are not shown
    edges: list[EdgeKind]
    guesses: list[Guess]
    drawing: Layered


@dataclass(frozen=True)
class Explanations:
    """The part of the section."""

    images: list[Explanation]
    causal: bool  # whether the run weighs nodes and edges
    knowledge: bool  # whether prototypes are nodes


def explanations(train: Path, matched: Matched | None) -> Explanations | None:
    """Explain some test images of a run; None where nothing was kept to explain them with.

    Raises:
        InputError: the run's scores are missing or damaged.
    """
    found = None if matched is None else Graphs.read(train)
    if matched is None or found is None:
        return None
    located = matched.located
    rows = located.collection.rows(TEST)[found.positions]
    right = _right(found, located.collection.targets("classes", rows))
    places = [*_spread(np.flatnonzero(right)), *_spread(np.flatnonzero(~right))]
    chosen = [int(rows[place]) for place in places]
    images = [
        explain(Case(matched, found[place], row, overlay), right=bool(right[place]))
        for place, row, overlay in zip(places, chosen, located.overlays(chosen), strict=True)
    ]
    knowledge = any(explanation.matches for explanation in images)
    return Explanations(images, "nodes" in found.arrays, knowledge)


def _right(found: Graphs, truth: np.ndarray) -> np.ndarray:
    first = ranking(found.logits)[:, 0]
    right: np.ndarray = truth[np.arange(len(first)), first]
    return right


def _spread(places: np.ndarray) -> list[int]:
    chosen: list[int] = places[spread_choice(len(places), EACH)].tolist() if len(places) else []
    return chosen


def explain(case: Case, *, right: bool) -> Explanation:
    """Put together how an image came to its class."""
    nodes = sorted(case.of_kind("prototype"), key=lambda n: -case.similarity(case.prototype(n)))
    return Explanation(
        overlay=case.overlay,
        right=right,
        tags=[_tag(case, node) for node in case.of_kind("tag")],
        matches=[_match(case, node) for node in nodes[:PROTOTYPES]],
        left_out=max(0, len(nodes) - PROTOTYPES),
        edges=_edge_kinds(case),
        guesses=_guesses(case),
        drawing=drawing(case),
    )


def _tag(case: Case, node: int) -> Tag:
    tag = case.tag(node)
    return Tag(
        name=case.label(node),
        raw=case.belief(tag, "raw"),
        refined=case.belief(tag, "refined"),
        causal=case.graph.causal(node),
        carried=tag in case.matched.located.collection.samples["tags"][case.row],
    )


def _match(case: Case, node: int) -> Match:
    prototype = case.prototype(node)
    return Match(
        tag=case.matched.prototypes["name"][prototype],
        strip=case.matched.strip(prototype, MEMBERS),
        similarity=case.similarity(prototype),
        regions=[int(region) + 1 for region in case.regions(prototype)],
        causal=case.graph.causal(node),
    )


def _edge_kinds(case: Case) -> list[EdgeKind]:
    """Count edges by the kinds of their ends."""
    weights = defaultdict[tuple[int, ...], list[float | None]](list)
    for pair in case.graph.pairs():
        ends = sorted(KINDS.index(case.kinds[node]) for node in pair)
        weights[tuple(ends)].append(case.graph.causal(*pair))
    return [
        EdgeKind("–".join(KINDS[end] for end in ends), len(of), _mean(of))
        for ends, of in sorted(weights.items())
    ]


def _mean(weights: list[float | None]) -> float | None:
    known = [weight for weight in weights if weight is not None]
    return float(np.mean(known)) if known else None


def _guesses(case: Case) -> list[Guess]:
    collection, logits = case.matched.located.collection, case.graph.logits
    shares = None if collection.multi_label else softmax(logits)
    return [
        Guess(
            name=collection.class_names[i],
            belief=float(case.arrays["beliefs"][i]),
            share=None if shares is None else float(shares[i]),
            true=int(i) in collection.samples["classes"][case.row],
        )
        for i in ranking(logits[None])[0, :CLASSES]
    ]


def drawing(case: Case) -> Layered:
    """Draw the graph: every node that there is, and every edge once."""
    index = {node: i for i, node in enumerate(case.kinds)}
    nodes = [
        Node(
            KINDS.index(kind),
            case.label(node),
            *_weighed(case.title(node), case.graph.causal(node)),
        )
        for node, kind in case.kinds.items()
    ]
    edges = [
        (
            index[a],
            index[b],
            *_weighed(f"{case.title(a)} – {case.title(b)}", case.graph.causal(a, b)),
        )
        for a, b in case.graph.pairs()
    ]
    return layered(nodes, edges)


def _weighed(title: str, causal: float | None) -> tuple[str, float]:
    """Return a title that says the weight, and the weight to draw with."""
    return (title, 1.0) if causal is None else (f"{title}: {causal:.2f} causal", round(causal, 3))


def _build(material: Material, run: Run) -> Explanations | None:
    return explanations(material.trained(run), Matched.of(material, run.target))


SECTION = Section(
    "explanations",
    "Explanations",
    40,
    _build,
    per="part",
    reads=("train", "exemplars", "regions", "maps"),
    targets=("classes",),
    methods=("vscnet",),
)
