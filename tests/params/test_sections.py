import copy
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline_lib import params
from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.params.baseline import Baseline
from pipeline_lib.params.category_graph import CategoryGraph
from pipeline_lib.params.clusters import Clusters
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.exemplars import Exemplars
from pipeline_lib.params.faults import alternatives, fields_of
from pipeline_lib.params.features import Features
from pipeline_lib.params.maps import Maps
from pipeline_lib.params.regions import Regions
from pipeline_lib.params.relations import Relations
from pipeline_lib.params.section import Section, checked, load, of
from pipeline_lib.params.text import Text
from pipeline_lib.params.vlp import Vlp
from pipeline_lib.steps.train.loading import load_settings
from pipeline_lib.training.settings import RunSettings
from tests.params.contexts import read_there
from tests.presets import BY_LABELS, LIT, default_document, default_text

OF_METHODS = ("base", "csrms", "dlsa", "ml_gcn", "sigrl", "ssgrl", "vscnet")
SECTIONS: dict[str, Any] = {
    **{name: load_settings(name) for name in OF_METHODS},
    "baseline": Baseline,
    "vlp": Vlp,
    "category_graph": CategoryGraph,
    "clusters": Clusters,
    "csnet": CsnetSettings,
    "dataset": Dataset,
    "evaluation": Evaluation,
    "exemplars": Exemplars,
    "features": Features,
    "maps": Maps,
    "relations": Relations,
    "text": Text,
    "regions": Regions,
}


@pytest.fixture(scope="module")
def document():
    """The default preset, which is complete."""
    return default_document()


@pytest.mark.parametrize("name", SECTIONS)
def test_the_sections_of_the_repository_load(document, name):
    assert of(SECTIONS[name], document, name, Path("params.yaml"))


# place, values at and inside the bounds, values just outside them
BOUNDS = [
    ("base.seeds", [[0], [3, -1]], [[], ["0"], 0]),
    ("base.recipe.epochs", [1, 500], [0, 1.0]),
    ("base.recipe.batch_size", [1], [0]),
    ("base.recipe.optimizer.name", ["sgd"], ["adam", "SGD"]),
    ("base.recipe.optimizer.lr", [1e-9, 10], [0, -0.1, "1e-3"]),
    ("base.recipe.optimizer.momentum", [0, 0.999], [1, -0.1]),
    ("base.recipe.optimizer.weight_decay", [0, 1], [-1e-9]),
    ("base.recipe.schedule.name", ["cosine"], ["linear"]),
    ("base.recipe.schedule.factor", [1e-9, 1], [0, 1.1]),
    ("base.recipe.schedule.every", [1], [0]),
    ("base.recipe.schedule.warmup_epochs", [0, 8], [-1, 9]),
    ("base.recipe.schedule.min_lr", [0, 1e-7], [-0.1]),
    ("base.recipe.schedule.rise", [0.01, 0.99], [0, 1]),
    ("base.recipe.augment", ["none", "flip", "crop_flip"], ["crop", None]),
    ("base.recipe.precision", ["no", "bf16", "fp16"], [False, "fp32"]),
    ("base.auxiliary_tags", [0, 30.0], [-0.1, None]),
    ("base.backbone.model", ["resnet18"], [18]),
    ("base.backbone.pretrained", [True, False], ["yes", 1]),
    ("base.backbone.image_size", [0, 224], [-1, 224.5]),
    ("baseline.weights", ["data/none"], [None]),
    ("maps.backbone.output_stride", [0, 8, 16, 32], [4, None]),
    ("maps.layer", ["last", 0, 3], ["first", -1]),
    ("maps.batch_size", [1], [0]),
    ("maps.precision", ["float32", "bfloat16", "float16"], ["fp16"]),
    ("category_graph.sources",
     [["cooccurrence", "similarity", "random", "file"]],
     [[], ["glove"], ["llm", "llm"], "llm"]),
    ("category_graph.beside",
     [["wordnet", "random", "llm", "similarity", "file"]], [["guess"], ["llm", "llm"]]),
    ("category_graph.merge", ["mean", "max"], ["sum"]),
    ("category_graph.neighbours", [1, 1000], [0, 1001]),
    ("category_graph.exclusion.expected", [0.1, 50], [0]),
    ("category_graph.similarity.most", [1, 1000], [0, 1001]),
    ("category_graph.similarity.at_least", [0, 1], [-0.1, 1.1]),
    ("category_graph.llm.name", ["asked"], ["record", None]),
    ("category_graph.llm.model", ["m"], ["", None]),
    ("category_graph.llm.queries", [1, 100], [0, 101]),
    ("category_graph.llm.temperature", [0, 2], [-0.1, 2.1]),
    ("category_graph.llm.max_tokens", [16], [15]),
    ("category_graph.wordnet.senses", [1, 20], [0, 21]),
    ("category_graph.wordnet.at_least", [0.01, 1], [0, 1.1]),
    ("category_graph.random.most", [1, 1000], [0, 1001]),
    ("clusters.space", ["features", "posteriors"], ["logits", None]),
    ("clusters.normalise", ["none", "l2"], [None]),
    ("csnet.steps", [1, 15], [0, 5.0]),
    ("csnet.cells", [1], [0]),
    ("csnet.look", ["mean", "centroids"], ["max"]),
    ("csnet.tags_from", ["region", "state"], ["pooled"]),
    ("csnet.assignment", ["hungarian", "ordered"], ["greedy"]),
    ("csnet.dropout", [0, 0.99], [-0.1, 1]),
    ("csnet.scale.smallest", [0.01, 0.8], [0, 1.1]),
    ("csnet.scale.largest", [0.4, 1], [0, 1.1]),
    *((f"csnet.weights.{term}", [0, 100], [-0.1]) for term in
      ("classes", "locating", "scale", "inside")),
    ("csnet.min_grid", [1, 12], [0]),
    ("csrms.classify", ["symmetric", "paper"], ["both"]),
    ("csrms.lists", ["bank", "encode"], ["none"]),
    ("csrms.supervise", ["final", "all", "anchors"], ["none"]),
    ("csrms.positives.head", ["own", "shared"], ["none"]),
    *((f"csrms.{part}.placebo", ["none", "lot"], ["mean", None]) for part in
      ("positives", "negatives", "smoothing", "curriculum")),
    ("csrms.alignment.placebo", ["none", "mean"], ["lot"]),
    ("csrms.smoothing.name", ["gcn"], ["gat", "gnn"]),
    ("csrms.smoothing.topology.name", ["knn"], ["full"]),
    ("csrms.smoothing.topology.k", [1], [0]),
    ("csrms.smoothing.hidden", [1], [0]),
    ("csrms.smoothing.weight", [0.01, 5], [0]),
    ("csrms.alignment.prototype", ["predicted", "label"], ["true"]),
    ("csrms.alignment.alpha_u", [0, 1], [-0.1, 1.1]),
    ("csrms.alignment.beta_u", [0, 1], [-0.1, 1.1]),
    ("csrms.alignment.alpha_a", [0, 1], [-0.1, 1.1]),
    ("csrms.alignment.beta_a", [0, 1], [-0.1, 1.1]),
    *((f"csrms.weights.{term}", [0, 5], [-0.1]) for term in
      ("backbone", "positives", "nega", "inter")),
    ("csrms.sign", ["corrected", "paper"], [1]),
    ("csrms.distance.normalise", [True, False], ["l2"]),
    ("csrms.distance.theta", [0.01, 5], [0]),
    ("csrms.curriculum.name", ["none"], ["off", True]),
    ("csrms.curriculum.alpha_i", [0, 1], [-0.1, 1.1]),
    ("csrms.curriculum.alpha_f", [0, 1], [-0.1, 1.1]),
    ("csrms.curriculum.until", [0.1, 1], [0, 1.1]),
    ("csrms.curriculum.step", [0, 1], [-0.1, 1.1]),
    ("csrms.curriculum.tolerance", [0, 5], [-0.1]),
    ("csrms.curriculum.below", [0.01, 5], [0]),
    ("csrms.neighbours", ["retrieve", "self"], ["label"]),
    ("csrms.n_neighbours", [1], [0]),
    ("csrms.refresh_epochs", [0, 3], [-1]),
    ("dataset.format",
     ["auto", "scenes", "cifar", "voc", "coco", "parquet", "image_folder", "food101", "flickr"],
     ["imagefolder"]),
    ("dataset.path", ["data/raw/images", "."], [""]),
    ("dataset.storage", ["auto", "pixels", "references"], ["copies"]),
    ("dataset.val_share", [0, 0.99], [-0.1, 1]),
    ("dataset.test_share", [0, 0.99], [-0.1, 1]),
    ("dataset.max_rejected", [0, 1], [-0.1, 1.1]),
    ("dataset.duplicates", ["refuse", "drop", "report"], ["keep"]),
    ("dataset.max_pixels", [1, 178_956_970], [0, 178_956_971]),
    ("dataset.columns.image", ["auto"], [None]),
    ("dataset.captions.tags.name", ["list"], ["all"]),
    ("dataset.unseen.by.name", ["share"], ["lot"]),
    ("dataset.captions.tags.least", [1, 5], [0]),
    ("dataset.captions.tags.images", [1, 500], [0]),
    ("dataset.unseen.by.share", [0.01, 0.99], [0, 1]),
    ("dataset.unseen.by.count", [1, 38], [0]),
    ("dataset.unseen.by.images", [2, 50], [1]),
    ("dataset.nuswide.vocabulary", ["concepts_81", "tags_1000"], [81, "925"]),
    ("dataset.openimages.labels", ["human", "machine", "both"], ["none"]),
    ("dataset.openimages.confidence", [0.1, 1], [0, 1.1]),
    ("dataset.openimages.unseen", ["top_400", "none"], [400]),
    ("dataset.scenes.train", [0, 10], [-1]),
    ("dataset.scenes.size", [32, 512], [31, 513]),
    ("dataset.scenes.background_match", [0, 1], [-0.1, 1.1]),
    ("dataset.scenes.difficulty.scale", [0.1, 1], [0, 1.1]),
    ("dataset.scenes.difficulty.hidden", [0, 0.9], [-0.1, 1]),
    ("dataset.scenes.difficulty.missing", [0, 0.9], [-0.1, 1]),
    ("dataset.scenes.difficulty.wrong", [0, 0.9], [-0.1, 1]),
    ("dataset.scenes.difficulty.unnamed", [0, 0.9], [-0.1, 1]),
    ("evaluation.top_k", [[1], [1, 5]], [[], [0], [1, "5"]]),
    ("evaluation.tags.gzsl_order", ["seen_first", "unseen_first"], ["seen"]),
    ("evaluation.tags.judged", ["seen", "all"], ["unseen"]),
    ("evaluation.tags.top_k", [[1], [3, 5]], [[], [0]]),
    ("evaluation.tags.threshold", [0.01, 0.99], [0, 1]),
    ("evaluation.tags.empty", ["zero", "skip"], ["none"]),
    ("evaluation.tags.difficult", ["ignore", "negative", "positive"], [True]),
    ("evaluation.draws", [100], [99]),
    ("evaluation.embedding", ["tsne", "pca"], ["umap"]),
    ("evaluation.embedding_images", [10], [9]),
    ("dlsa.trunk", ["frozen"], ["last"]),
    ("dlsa.labels.width", [0, 64], [-1]),
    ("dlsa.labels.hidden", [1], [0]),
    ("dlsa.labels.slope", [0, 0.2], [-0.1, 1]),
    ("dlsa.prior.reweight", ["none", {"tau": 0.1, "p": 0.2}], ["tau", True]),
    ("dlsa.prior.reweight.tau", [0, 1], [-0.1, 1.1]),
    ("dlsa.prior.reweight.p", [0, 1], [-0.1, 1.1]),
    ("dlsa.decoupling.normalise", ["attention", "none"], ["sum"]),
    ("dlsa.reasoning.heads", [1], [0]),
    ("dlsa.reasoning.hidden", [1], [0]),
    ("dlsa.decoupling.head", ["per_label", "mean_fc"], ["linear"]),
    ("ml_gcn.trunk", ["frozen"], ["last"]),
    ("ml_gcn.pool", ["max", "mean"], ["sum"]),
    ("ml_gcn.hidden", [1], [0]),
    ("ml_gcn.slope", [0, 0.2], [-0.1, 1]),
    ("ml_gcn.tau", [0, 1], [-0.1, 1.1]),
    ("ml_gcn.p", [0, 1], [-0.1, 1.1]),
    ("sigrl.student.trained_blocks", [0, 12], [-1, 1.0]),
    ("sigrl.student.layer_decay", [0.1, 1], [0, 1.1]),
    ("sigrl.student.checkpointing", [True, False], ["no"]),
    ("sigrl.prompts.name", ["simple", "ensemble"], ["paper"]),
    ("sigrl.prompts.epochs", [1], [0]),
    ("sigrl.prompts.lr", [0.002], [0]),
    ("sigrl.loss.name", ["ranking"], ["bce"]),
    ("sigrl.loss.margin", [0, 1], [-0.1]),
    ("sigrl.distillation", [0, 1], [-0.1]),
    ("sigrl.loss.scale.name", ["learned"], [True]),
    ("sigrl.loss.scale.start", [0.1, 100], [0]),
    ("sigrl.loss.scale.lr_factor", [0.1, 10], [0]),
    ("sigrl.loss.smoothing", [0, 1], [-0.1, 1.1]),
    ("sigrl.loss.positives", [0.1, 30], [0]),
    ("sigrl.loss.spread", [0, 0.4], [-0.1, 0.5]),
    ("sigrl.loss.known", [0.6, 0.999], [0.5, 1]),
    ("sigrl.loss.lr_factor", [0.1, 10], [0]),
    ("sigrl.loss.alpha", [0, 1], [-0.1]),
    ("sigrl.loss.beta", [0, 1], [-0.1]),
    ("sigrl.loss.share", [0, 1], [-0.1, 1.1]),
    ("sigrl.loss.warmup_epochs", [1, 4], [0, 9]),
    ("sigrl.correlation", ["none"], ["off", False, None, 3]),
    ("sigrl.correlation.heads", [1], [0]),
    ("sigrl.correlation.hidden", [1], [0]),
    ("sigrl.correlation.slope", [0, 0.9], [-0.1, 1]),
    ("sigrl.correlation.dropout", [0, 0.9], [-0.1, 1]),
    ("sigrl.correlation.chunk", [0, 64], [-1]),
    ("sigrl.correlation.form", ["residual", "paper"], ["none"]),
    ("sigrl.correlation.neighbours", [0, 4], [-1]),
    ("sigrl.correlation.placebo", ["mean", "lot"], ["another"]),
    ("sigrl.decoupling.attention", ["scaled", "paper"], ["flat"]),
    ("sigrl.decoupling.placebo", ["mean", "lot"], ["another"]),
    ("sigrl.reconstruction.attention", ["scaled", "paper"], ["flat"]),
    ("sigrl.reconstruction.placebo", ["mean", "another"], ["lot"]),
    ("sigrl.scores.normalise", ["none", "image", "call", "vocabulary"], ["labels"]),
    ("sigrl.loss.pairs", ["all", "violated"], ["some"]),
    ("sigrl.select", ["last", "best"], ["first"]),
    ("dlsa.labels.output", ["linear", "paper"], ["relu"]),
    ("dlsa.prior.placebo", ["none", "lot"], ["mean"]),
    ("dlsa.decoupling.placebo", ["none", "mean"], ["lot"]),
    ("dlsa.reasoning.placebo", ["none", "layers", "mean"], ["lot"]),
    ("dlsa.reasoning.scale", ["root", "paper"], ["none"]),
    ("sigrl.reconstruction.map", ["channels", "paper"], ["labels"]),
    ("sigrl.top_k", [1, 16], [0]),
    ("sigrl.decoupling.chunk", [0, 31], [-1]),
    ("sigrl.decoupling.kernel", ["auto", "torch", "triton"], ["cuda"]),
    ("ssgrl.trunk", ["frozen"], ["last"]),
    ("ssgrl.width", [0, 64], [-1]),
    ("ssgrl.hidden", [1], [0]),
    ("ssgrl.steps", [0, 3], [-1]),
    ("ssgrl.outputs", [1], [0]),
    ("ssgrl.chunk", [1], [0]),
    ("exemplars.condition", ["tag", "tag_and_class"], ["class"]),
    ("exemplars.keep.size", [1], [0]),
    ("exemplars.keep.share", [0, 1], [-0.1, 1.1]),
    ("exemplars.similarity", ["jaccard", "cosine"], ["euclidean"]),
    ("exemplars.top_tags", [1], [0]),
    ("exemplars.filtering", [0, 1], [-0.1, 1.1]),
    ("exemplars.temperature", [0.01, 5, "none"], [0, -0.1, "all"]),
    ("features.batch_size", [1], [0]),
    ("features.precision", ["float32", "bfloat16", "float16"], ["fp16"]),
    ("features.weights", ["data/none"], [True]),
    ("regions.descriptor", ["state", "pooled"], ["hidden"]),
    ("regions.random_draws", [1], [0]),
    ("relations.distance", ["euclidean", "cosine"], ["l2"]),
    ("relations.rho_1", [0.01, 0.99], [0, 1]),
    ("relations.rho_2", [0.01, 0.99], [0, 1]),
    ("relations.positives", ["dominant", "other_cluster", "random"], ["same_cluster"]),
    ("relations.negatives",
     ["nearest_dominated", "similar_cluster", "other_cluster", "random"], ["dominant"]),
    ("relations.n", [1, 100], [0, 101]),
    ("relations.m", [1, 100], [0, 101]),
    ("vlp.source.name", ["captions"], ["clip"]),
    ("vlp.source.image_size", [32, 512], [31, 513]),
    ("vlp.source.dims", [1], [0]),
    ("vlp.source.text_width", [1], [0]),
    ("vlp.source.text_heads", [1], [0]),
    ("vlp.source.text_layers", [1], [0]),
    ("vlp.source.context", [8, 77], [7, 78]),
    ("vlp.source.words", [0, 3], [-1]),
    ("vlp.source.scale", [0.1], [0]),
    ("vlp.source.ridge", [0.0, 30.0], [-0.1]),
    ("vlp.source.anchors", [0.0, 2.0], [-0.1]),
    ("text.source.name", ["vlp"], ["glove"]),
    ("text.source.prompts", [["{}"], ["a {}", "imagenet"]], [[], ["a photo"], ["{} and {}"]]),
    ("text.normalise", [True, False], [1]),
    ("text.source.dims", [8, 65_536], [7, 65_537]),
    ("text.source.shortest", [1, 10], [0, 11]),
    ("text.source.longest", [1, 10], [0, 11]),
    ("vscnet.width", [1], [0]),
    ("vscnet.tag_nodes", [1], [0]),
    ("vscnet.tags_per_region", [1], [0]),
    ("vscnet.dropout", [0, 0.99], [-0.1, 1]),
    ("vscnet.loss", ["ce", "l2"], ["bce"]),
    ("vscnet.regions.boxes", ["csnet", "lattice", "mean"], ["grid"]),
    ("vscnet.regions.nodes", ["all", "tags"], ["regions"]),
    ("regions.lattice", [True, False], [2]),
    ("regions.source.name", ["maps"], ["image"]),
    ("regions.source.image_size", [8, 1024], [7, 1025]),
    ("csnet.folds", [0, 2, 10], [-1, 1]),
    ("vscnet.masks.removal", ["paper", "replace", "behind"], ["none"]),
    ("vscnet.masks.strata", [0], [-1]),
    ("vscnet.placebo.knowledge", ["none", "another"], ["mean"]),
    ("vscnet.placebo.graph", ["none", "lot"], ["another"]),
    ("vscnet.placebo.causal", ["none", "mean"], ["lot"]),
    ("vscnet.placebo.fusion", ["none", "another"], ["mean"]),
    *((f"vscnet.weights.{term}", [0, 5], [-0.1]) for term in
      ("uniform", "causal", "intervened", "graph")),
    ("vscnet.fusion.enhanced", [0, 1], [-0.1]),
    ("vscnet.fusion.knowledge", [0, 1], [-0.1]),
]  # fmt: skip


def changed(document, place, value):
    """Return the section of ``place`` with one value replaced, where that one is read."""
    name = place.partition(".")[0]
    return name, read_there(SECTIONS[name], place, document[name], value)


@pytest.mark.parametrize(("place", "inside", "outside"), BOUNDS, ids=[b[0] for b in BOUNDS])
def test_bounds_are_where_they_should_be(document, place, inside, outside):
    for value in inside:
        section, content = changed(document, place, value)
        assert checked(SECTIONS[section], content)
    for value in outside:
        section, content = changed(document, place, value)
        with pytest.raises(ValueError, match=place.split(".")[-1]):
            checked(SECTIONS[section], content)


@pytest.mark.parametrize("trunk", ["last_block", "all"])
def test_features_that_move_are_not_standardised(document, trunk):
    for name in ("dlsa", "ssgrl", "ml_gcn"):
        changed = document[name] | {"trunk": trunk}
        with pytest.raises(ValueError, match=rf"trunk is {trunk}, expected frozen"):
            checked(SECTIONS[name], changed)
        assert checked(SECTIONS[name], changed | {"standardise": False})


@pytest.mark.parametrize(("key", "expected"), [
    ("sentences", "sentences is data/none, expected a folder of Sentence-Transformers"),
    ("vectors", "vectors is data/none, expected the folder of features or maps"),
])  # fmt: skip
def test_lit_is_told_what_it_joins(key, expected):
    with pytest.raises(ValueError, match=f"{expected}.*source lit reads; name it, or choose"):
        checked(Vlp, LIT | {key: "data/none"})


def test_heads_share_the_width_of_a_text(document):
    captions = document["vlp"]["source"] | {"text_width": 30, "text_heads": 4}
    with pytest.raises(ValueError, match="text_width is 30, expected a multiple of the 4 text_hea"):
        SECTIONS["vlp"].model_validate(document["vlp"] | {"source": captions})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"beside": ["llm"]}, "llm is none, and sources or beside name it"),
        (
            {"paths": {"wordnet": "data/none", "file": "data/none", "answers": "a.jsonl"}},
            "paths.answers is .a.jsonl., expected .data/none.: it is read only where llm.name is",
        ),
        (
            {"random": {"most": 3, "seed": 0}},
            "random has settings, and neither sources nor beside name it",
        ),
        ({"similarity": 3}, "valid dictionary or instance of Similarity, or none"),
        (
            {"paths": {"wordnet": "w.xml", "file": "data/none", "answers": "data/none"}},
            "paths.wordnet is .w.xml., exp",
        ),
    ],
)
def test_sources_of_a_graph_have_settings_where_they_are_named(document, changes, said):
    graph = document["category_graph"] | BY_LABELS | changes
    changed = document | {"category_graph": graph}
    with pytest.raises(InputError, match=said):
        of(CategoryGraph, changed, "category_graph", Path("params.yaml"))


def test_what_dlsa_switches_off_needs_what_it_rests_on(document):
    kind, content = SECTIONS["dlsa"], document["dlsa"]
    with pytest.raises(ValueError, match="reasoning is on and decoupling none, expected both"):
        checked(kind, content | {"decoupling": "none"})
    with pytest.raises(ValueError, match="labels is none, expected it on where prior or decoup"):
        checked(kind, content | {"labels": "none"})
    plain = content | dict.fromkeys(("prior", "decoupling", "reasoning"), "none")
    with pytest.raises(ValueError, match="labels is on, expected it on where"):
        checked(kind, plain)
    assert checked(kind, plain | {"labels": "none"}).labels is None


def test_files_of_a_category_graph_are_found_from_anywhere(document):
    section = document["category_graph"] | {
        "sources": ["cooccurrence", "file", "wordnet"],
        "wordnet": {"senses": 1, "at_least": 0.2},
        "paths": {"wordnet": "/w.xml", "file": "data/raw/e.csv", "answers": "data/none"},
    }
    found = checked(CategoryGraph, section).paths.below(Path("/checkout"))
    assert (found.wordnet, found.file) == ("/w.xml", "/checkout/data/raw/e.csv")
    assert found.answers == "data/none"


def kinds(hint):
    """Return all groups that may stand at a place, those by name below `none` among them."""
    options = alternatives(hint)
    return [kind for one in options.values() for kind in kinds(one)] if options else [hint]


def test_every_bounded_value_is_among_these(document):
    def numbers_and_choices(kind, where):
        for name, hint in fields_of(kind).items():
            groups = kinds(hint)
            for group in groups:
                yield from numbers_and_choices(group, f"{where}.{name}")
            if not any(map(fields_of, groups)) and (
                "Bound" in str(hint)
                or "Literal" in str(hint)
                or (
                    isinstance(kind, type)
                    and issubclass(kind, Section)
                    and kind.model_fields[name].metadata
                )
            ):
                yield f"{where}.{name}"

    bounded = {
        place for name, model in SECTIONS.items() for place in numbers_and_choices(model, name)
    }
    listed = {place for place, _, _ in BOUNDS}
    bounded -= {
        place for place in bounded if ".algorithm" in place
    }  # tests/params/test_clusterers.py
    # backbone and recipe are the same models everywhere; so are the counts of the scenes
    repeated = {
        p for p in bounded if {"recipe", "backbone"} & set(p.split(".")[1:3]) and p[:5] != "base."
    }
    repeated |= {f"dataset.scenes.{split}" for split in ("val", "test", "test_shift")}
    assert bounded - repeated <= listed


def test_a_fault_deep_in_a_method_is_named(root, tmp_path):
    text = default_text()
    assert text.count("topology: {") == 1
    (tmp_path / "params.yaml").write_text(text.replace("topology: {", "topolgy: {"))
    with pytest.raises(InputError) as caught:
        load(load_settings("csrms"), "csrms", tmp_path / "params.yaml")
    assert sorted(str(caught.value).replace(str(tmp_path), "").splitlines()) == [
        "/params.yaml: csrms.smoothing.topolgy is not a known key; did you mean 'topology'?",
        "/params.yaml: csrms.smoothing.topology is missing; `protoweave use PRESET` writes a "
        "complete file",
    ]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_settings(method):
    assert issubclass(load_settings(method), RunSettings)


def test_no_parameter_has_a_default():
    # A default would hide from DVC what a result depends on.
    models = [
        model
        for module in pkgutil.iter_modules(params.__path__)
        for model in vars(importlib.import_module(f"pipeline_lib.params.{module.name}")).values()
        if isinstance(model, type) and issubclass(model, Section)
    ]
    assert len(set(models)) > 15
    optional = [f"{m.__name__}.{n}" for m in models for n, f in m.model_fields.items()
                if not f.is_required()]  # fmt: skip
    assert optional == []


def places(values: dict[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from places(value, *above, name)


@pytest.mark.parametrize("method", METHODS)
def test_a_section_has_to_name_what_has_a_default_in_python(document, method):
    kind = load_settings(method)
    for *above, last in places(document[method]):
        changed = copy.deepcopy(document)
        inside = changed[method]
        for key in above:
            inside = inside[key]
        del inside[last]
        where = ".".join([method, *above, last])
        with pytest.raises(InputError, match=rf"params\.yaml: {where} is missing"):
            of(kind, changed, method, Path("params.yaml"))


@pytest.mark.parametrize(
    ("group", "key", "chosen", "file"),
    [
        ("unseen", "by", {"name": "list"}, "names"),
        ("unseen", "by", {"name": "wordnet"}, "wordnet"),
        ("captions", "tags", {"name": "list", "least": 2, "images": 9}, "names"),
        ("captions", "tags", {"name": "nouns", "least": 2, "images": 9}, "wordnet"),
    ],
)
def test_what_chooses_by_a_file_names_it(document, group, key, chosen, file):
    section = document["dataset"]
    off = section[group]
    assert Dataset.model_validate(section | {group: off | {key: chosen, file: "a file"}})
    with pytest.raises(ValueError, match=f"{key} is {chosen['name']}, and {file} is data/none; na"):
        Dataset.model_validate(section | {group: off | {key: chosen}})


@pytest.mark.parametrize(
    ("group", "file", "said"),
    [
        ("unseen", "names", "it is read only where by.name is list"),
        ("captions", "names", "it is read only where tags.name is list"),
        ("captions", "wordnet", "it is read only where tags is not none"),
    ],
)
def test_a_file_that_nothing_chooses_by_is_refused(document, group, file, said):
    section = document["dataset"]
    with pytest.raises(ValueError, match=said):
        Dataset.model_validate(section | {group: section[group] | {file: "a file"}})


@pytest.mark.parametrize("name", [n for n, of_it in SECTIONS.items() if issubclass(of_it, Section)])
def test_what_is_dumped_of_a_section_is_read_again(document, name):
    """Headers of artifacts keep sections so."""
    section = of(SECTIONS[name], document, name, Path("params.yaml"))
    assert type(section).model_validate(section.model_dump()) == section
