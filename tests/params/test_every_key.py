"""Each key of the default params, changed, reaches an output of its stage, or is refused."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.faults import fields_of
from pipeline_lib.params.section import checked
from pipeline_lib.project.crossing import crossing_faults
from pipeline_lib.project.sections import SECTIONS
from pipeline_lib.steps.train.loading import load_settings
from tests.clustering.algorithms import KMEANS
from tests.conftest import ROOT
from tests.methods.toy import CURRICULA
from tests.params.bench import Bench
from tests.params.contexts import with_value
from tests.presets import LLM, PIXELS, default_document
from tests.recipes import ADAMW, CONSTANT, COSINE, SGD
from tests.settled import kind_at

DEFAULT = default_document()
NOT_NUMBERS = ("methods", "shared", "also", "disabled")  # which runs there are; `doctor` and
# tests/project/test_selection.py and test_crossing.py look after those

REASONS = {
    "memory": "bounds memory or picks a kernel: documented to change nothing, and tested so",
    "rows": "the shape of a batch decides last bits at most, which rows of maps do not show",
    "equal": "needs equal pictures or features: tests/datasets and tests/clustering have them",
    "violated": "of unit-length scores every pair is violated: both means are one",
    "difficult": "needs objects marked difficult: tests/evaluation has them",
}
EXEMPT = {  # patterns, and why no output has to change
    r".*\.chunk": "memory",
    r"sigrl\.decoupling\.kernel": "memory",
    r".*student\.checkpointing": "memory",
    r"(maps|features|clip|conse|conse_clip|sparc)\.batch_size": "rows",
    r"dataset\.duplicates.*|(clusters|exemplars)\.algorithm\.ties": "equal",
    r"(mkt|sigrl)\.loss\.pairs": "violated",
    r"evaluation\.tags\.difficult": "difficult",
}
OTHER: dict[str, Any] = {  # values that no rule finds, or that show on so few pictures
    "dataset.format": "cifar",
    "dataset.storage": "references",
    "dataset.max_pixels": 500,
    "dataset.max_rejected": 1.0,
    "dataset.path": "no/such/folder",
    "text.source.prompts": ["a photo of one {}"],
    "category_graph.sources": ["similarity"],
    "category_graph.beside": ["similarity"],
    "category_graph.similarity.at_least": 0.9,
    "category_graph.neighbours": 17,
    "category_graph.wordnet.senses": 1,
    "category_graph.wordnet.at_least": 0.5,
    "baseline.classes.backbone.output_stride": 16,
    "baseline.tags.backbone.output_stride": 16,
    "maps.backbone.output_stride": 16,
    "maps.layer": 3,
    "csnet.min_grid": 99,
    "csnet.folds": 2,
    "csnet.scale.smallest": 0.7,
    "csnet.scale.largest": 0.45,
    "evaluation.top_k": [2],
    "evaluation.tags.top_k": [2],
    "exemplars.algorithm.rho": 0.2,
    "exemplars.algorithm.beta": 1.0,
    "exemplars.algorithm.alpha": 50.0,
    "exemplars.algorithm.shuffle": 3,
    "exemplars.keep.size": 30,
    "exemplars.keep.share": 0.0,
    "exemplars.top_tags": 1,
    "clusters.algorithm.rho": 0.99,
    "clusters.algorithm.alpha": 1.0e6,
    **{f"{section}.algorithm": KMEANS for section in ("clusters", "exemplars")},
    **{
        f"{section}.algorithm.vigilance": {"name": "hi", "sigma": 0.1, "delta": 0.1}
        for section in ("clusters", "exemplars")
    },
    "relations.rho_1": 0.2,
    "relations.rho_2": 0.01,
    "dlsa.prior.reweight.tau": 0.95,
    "ml_gcn.tau": 0.95,
    "c2srt.isr.most": 1,
    "sigrl.top_k": 1,
    "mkt.top_k": 1,
    "sparc.sentence": "{} with {}",
    "csrms.smoothing.topology.k": 1,
    "vlp.source.words": 9,
    "vlp.source.context": 12,
    "vlp.source.text_heads": 1,
    "vlp.source.text_width": 18,
    "quality.listed": 2,
    "report.sheet_columns": 1,
    "report.sheet_classes": 1,
}
GROUPS: dict[str, list[dict[str, Any]]] = {  # by patterns of places; the first other one is taken
    r"dataset\.captions\.tags": [{"name": "given"}],
    r"dataset\.scenes\.difficulty": [
        {"scale": 0.5, "hidden": 0.2, "missing": 0.3, "wrong": 0.1, "unnamed": 0.5}
    ],
    r"dataset\.unseen\.by": [{"name": "share", "share": 0.3, "seed": 1}],
    r".*recipe\.optimizer": [ADAMW, SGD],
    r".*recipe\.schedule": [CONSTANT | {"factor": 0.5}, COSINE],
    r"(?!.*weights).*\.backbone": [{"model": "lenet5", "pretrained": False, "image_size": 32}],
    r"text\.source\.prompts": [],
    r".*\.prompts": [{"name": "simple"}],
    r"category_graph\.exclusion": [{"expected": 0.1}],
    r"category_graph\.llm": [LLM],
    r"category_graph\.wordnet": [{"senses": 1, "at_least": 0.2}],
    r"text\.source": [{"name": "words"}],
    r"vlp\.source": [{"name": "named", "model": "ViT-B-16", "pretrained": "openai"}],
    r"(?!vscnet).*\.loss": [{"name": "an", "scale": {"name": "fixed"}}],
    r"regions\.source": [PIXELS],
    r"csrms\.smoothing": [{"name": "gnn", "placebo": "none"}],
    r"csrms\.smoothing\.topology": [{"name": "star"}],
    r"csrms\.curriculum": [CURRICULA["linear"]],
}
REFUSED = (  # by a rule about what counts, rather than by the bounds of a value
    "it is read only where|expected one source|both say which|reads maps"
    "|neither sources nor beside name it"
)
BESIDE: dict[str, dict[str, Any]] = {  # what a key needs beside it to count
    r"dataset\.max_rejected": {"dataset.max_pixels": 500},
    r"(?!vscnet).*recipe\.schedule.*": {"recipe.epochs": 3},
    r"vscnet\.recipe\.schedule.*": {"recipe.epochs": 6},
    r"csrms\.refresh_epochs": {"csrms.recipe.epochs": 2},
    r"csnet\.weights\.scale": {"csnet.scale.smallest": 0.7},
    r"csnet\.weights\.inside": {"csnet.recipe.optimizer.lr": 0.5},  # boxes that leave the picture
    **{rf"{run}\.trunk": {f"{run}.standardise": False} for run in ("dlsa", "ssgrl", "ml_gcn")},
}
RUN_OF = {"evaluation.tags": "evaluate@c2srt", "evaluation": "evaluate@base"}


def model_of(section: str) -> Any:
    run = DEFAULT["methods"].get(section, {"method": section})
    return SECTIONS.get(section) or load_settings(run["method"])


def stages_of(place: str) -> str:
    """Name the stage that reads a key first."""
    section, _, key = place.partition(".")
    if section in DEFAULT["methods"] or section in METHODS:
        return f"train@{section}"
    if section == "evaluation":
        return RUN_OF["evaluation.tags" if key.startswith("tags.") else "evaluation"]
    if section == "baseline":
        return "baseline@tags" if key.startswith("tags") else "baseline@classes"
    if section in ("dataset", "report"):
        return {"dataset": "ingest"}.get(section, section)
    return f"{section}@{DEFAULT['shared'][section][0]}"


def leaves(values: dict[str, Any], where: str = "") -> Iterator[str]:
    for key, value in values.items():
        place = f"{where}.{key}" if where else key
        if isinstance(value, dict):
            yield from leaves(value, place)
        else:
            yield place


KEYS = [key for key in leaves(DEFAULT) if key.partition(".")[0] not in NOT_NUMBERS]


def value_at(document: dict[str, Any], place: str) -> Any:
    value: Any = document
    for key in place.split("."):
        value = value[key]
    return value


def candidates(place: str, value: Any) -> Iterator[Any]:
    """Yield other values, which need not be valid."""
    if place in OTHER or another(place):
        yield from [OTHER[place]] if place in OTHER else another(place)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        yield from (value * 0.5, value + 0.25, value + 1.5)
    elif isinstance(value, list):
        yield [one + 1 for one in value]
    else:
        yield from choices(place)
        yield "no/such/file"


def another(place: str) -> list[Any]:
    """Return groups that may stand where a union or a group that is off does."""
    return next((groups for pattern, groups in GROUPS.items() if re.fullmatch(pattern, place)), [])


def choices(place: str) -> Iterator[Any]:
    """Yield what a Literal allows."""
    section, *keys = place.split(".")
    kind, inside = model_of(section), DEFAULT[section]
    for key in keys[:-1]:
        inside = inside[key]
        kind = kind_at(fields_of(kind)[key], inside)
    yield from (c for c in get_args(fields_of(kind)[keys[-1]]) if isinstance(c, str))


def refusal(section: str, document: dict[str, Any]) -> str:
    """Return why a document is no good: of the section itself, or beside others."""
    try:
        checked(model_of(section), document[section])
    except ValueError as error:
        return str(error)
    return "; ".join(crossing_faults(document, Path("params.yaml")))


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The stages, built as far as they are asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROTOWEAVE_WORKERS", "1")
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield Bench(tmp_path_factory.mktemp("bench"), ROOT)


def beside(place: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with what the key needs to count."""
    for pattern, changes in BESIDE.items():
        if re.fullmatch(pattern, place):
            for key, value in changes.items():
                whole = key
                if key.startswith("recipe."):
                    whole = place[: place.index("recipe.")] + key
                document = with_value(document, whole, value)
    return document


def reported(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a report on two runs, of which one is compared with the other."""
    runs = {name: document["methods"][name] for name in ("base", "csrms")}
    runs["csrms"] = runs["csrms"] | {"reference": "base"}
    return document | {"methods": runs, "shared": {stage: [] for stage in document["shared"]}}


@pytest.mark.parametrize("place", KEYS)
def test_a_changed_key_reaches_an_output_or_is_refused(bench, place):
    assert outcome_of_change(bench, place), f"{place} changes nothing, and nothing refuses it"


def outcome_of_change(bench: Bench, place: str) -> bool:
    """Say whether a change of the key at ``place`` shows."""
    if any(re.fullmatch(pattern, place) for pattern in EXEMPT):
        return True
    section, stage = place.partition(".")[0], stages_of(place)
    if (union := place.removesuffix(".name")) != place and (union in OTHER or another(union)):
        place = union  # another kind has other keys
    usual = beside(place, bench.document)
    usual = reported(usual) if section == "report" else usual
    before = value_at(usual, place)
    tried = []
    for value in candidates(place, before):
        if value == before:
            continue
        changed = with_value(usual, place, value)
        refused = refusal(section, changed)
        if not refused:
            known = None if usual == bench.document else usual
            return bench.outcome(stage, changed) != bench.outcome(stage, known)
        tried.append(refused)
        if isinstance(before, bool) or re.search(REFUSED, refused):
            return True  # of a switch there is no other value
    raise AssertionError(f"no valid value of {place} was found: {tried}")


def test_exemptions_are_few_and_reasoned():
    exempt = [key for key in KEYS if any(re.fullmatch(p, key) for p in EXEMPT)]
    assert set(EXEMPT.values()) <= REASONS.keys()
    assert len(exempt) < 0.05 * len(KEYS)


def test_a_key_that_nothing_reads_is_found_out(bench, monkeypatch):
    class Idle(SECTIONS["clusters"]):
        idle: int

    monkeypatch.setitem(SECTIONS, "clusters", Idle)
    monkeypatch.setattr("stages.clusters.Clusters", Idle)
    monkeypatch.setitem(bench.document, "clusters", bench.document["clusters"] | {"idle": 1})
    bench.made.pop("clusters@classes", None)
    assert not outcome_of_change(bench, "clusters.idle")
