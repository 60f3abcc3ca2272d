"""A params.yaml of an older shape becomes today's, value for value."""

from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.params.category_graph import CategoryGraph
from pipeline_lib.params.older import older_place
from pipeline_lib.params.section import of
from pipeline_lib.project.document import check_document, check_parameters
from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.migration.added import OF_METHODS, OF_SECTIONS, add
from pipeline_lib.project.migration.keys import Keys
from pipeline_lib.project.migration.migrate import migrated
from pipeline_lib.project.presets import text_of
from pipeline_lib.steps.train.loading import load_settings
from tests.conftest import ROOT
from tests.families.open_vocabulary.toy_labels import OWN
from tests.params.contexts import with_value
from tests.presets import BY_LABELS

OLDER = Path(__file__).with_name("older.yaml")
PRESETS = ROOT / "presets"


def yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def older() -> dict[str, Any]:
    found: dict[str, Any] = yaml().load(OLDER)
    return found


def changed(**changes: Any) -> tuple[dict[str, Any], list[str]]:
    """Migrate the older default with keys changed, and return what became of it, and the notes."""
    document = older()
    for key, value in changes.items():
        document = with_value(document, key.replace("__", "."), value)
    text = Path(OLDER).read_text()
    if changes:
        written = StringIO()
        YAML().dump(document, written)
        text = written.getvalue()
    new, notes = migrated(text, PRESETS)
    return yaml().load(new), notes


def settings(document: dict[str, Any], name: str, method: str = "") -> Any:
    return of(load_settings(method or name), document, name, Path("params.yaml"))


def as_before(document: dict[str, Any]) -> None:
    """Give keys that came later the values under which all is as it was before."""
    later = OF_SECTIONS | {name: keys for name, keys in OF_METHODS.items() if name in document}
    for name, keys in later.items():
        for key in keys:
            *above, last = key.split(".")
            place = document[name]
            for part in above:
                place = place[part]
            place.pop(last, None)
        add(Keys(name, document[name], []), keys)


def test_the_older_default_becomes_the_default():
    found, _ = changed()
    default = yaml().load(text_of(PRESETS, DEFAULT, {}))
    default["category_graph"] |= {  # what it had no answers and no WordNet for
        key: found["category_graph"][key] for key in ("beside", "llm", "wordnet", "paths")
    }
    mkt = found.pop("mkt")  # it compared unit vectors, and so is not what a preset brings back
    assert mkt["scores"] == {"normalise": "none"}
    as_before(default)
    epochs = found["base_images"]["recipe"]["epochs"]  # as many images as CSRMS encoded then
    default["base_images"]["recipe"]["epochs"] = epochs
    for run in ("base", "csrms"):  # budgets of lists that were encoded
        default[run]["seeds"] = [0, 1, 2]
        default[run]["recipe"]["epochs"] = 4
    default["csrms"]["recipe"]["batch_size"] = 8
    default["csrms"]["recipe"]["optimizer"]["lr"] = 0.01
    default["csrms"]["weights"]["backbone"] = 1.0
    assert found == default
    assert list(found) == list(default)


@pytest.mark.parametrize("run", ["clip", "mkt", "sigrl"])
def test_scores_stay_as_they_were_normalised_before_that_could_be_chosen(run):
    whole = yaml().load(text_of(PRESETS, "scenes-sigrl", {}))
    expected = deepcopy(whole[run])
    for section in whole.values():
        if isinstance(section, dict) and "loss" in section and "scores" in section:
            del section["scores"], section["loss"]["pairs"]
            section.pop("select", None)
    written = StringIO()
    yaml().dump(whole, written)
    text, notes = migrated(written.getvalue(), PRESETS)
    found = yaml().load(text)[run]
    before = "call" if run == "sigrl" else "none"
    assert found == expected | {"scores": {"normalise": before}}
    assert f"{run}.scores: added, {before} as it was" in notes
    assert f"{run}.loss.pairs: added, all as it was" in notes


def test_a_language_model_of_before_answers_could_be_recorded_is_one_that_is_asked():
    whole = yaml().load(text_of(PRESETS, "openimages-clip", {}))
    expected = deepcopy(whole)
    assert whole["category_graph"]["llm"].pop("name") == "asked"
    del whole["category_graph"]["paths"]["answers"]
    written = StringIO()
    YAML().dump(whole, written)
    text, notes = migrated(written.getvalue(), PRESETS)
    assert yaml().load(text)["category_graph"] == expected["category_graph"]
    assert "category_graph.llm.name: added, it is asked" in notes


@pytest.mark.parametrize(
    ("preset", "vectors"),
    [
        ("image-folder", "data/artifacts/maps/tags"),
        ("scenes-csrms", "data/artifacts/features/classes"),
    ],
)
def test_a_file_from_before_stage_quality_looks_at_what_is_made(preset, vectors):
    whole = yaml().load(text_of(PRESETS, preset, {}))
    whole["category_graph"] |= deepcopy(BY_LABELS)
    expected = deepcopy(whole)
    expected["quality"] = expected["quality"] | {"similarity": 0.97}  # the default's
    del whole["quality"], whole["shared"]["quality"]
    del whole["category_graph"]["paths"]["answers"]
    written = StringIO()
    YAML().dump(whole, written)
    assert older_place(whole) == "shared.quality is missing"
    text, notes = migrated(written.getvalue(), PRESETS)
    assert yaml().load(text) == expected
    assert list(yaml().load(text)) == list(expected)
    assert notes == [
        "category_graph.paths.answers: added, no recorded answers are read",
        f"quality: added, it looks at {vectors} where these are made",
    ]
    assert older_place(yaml().load(text)) is None


def test_every_key_that_is_gone_is_spoken_of():
    found, notes = changed()
    spoken = {note.partition(":")[0] for note in notes}
    for section, values in older().items():
        for place in leaves(values, section):
            above = {place} | {place.rsplit(".", n)[0] for n in range(1, place.count(".") + 1)}
            assert there(found, place) or above & spoken, place


def leaves(values: Any, where: str) -> list[str]:
    if not isinstance(values, dict):
        return [where]
    return [leaf for key, value in values.items() for leaf in leaves(value, f"{where}.{key}")]


def there(document: Any, place: str) -> bool:
    for key in place.split("."):
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True


def test_edits_are_kept():
    found, notes = changed(
        base__recipe__lr=0.5,
        base__recipe__seeds=[7, 8],
        csrms__smoothing__k=9,
        relations__n=2,
        vlp__captions__recipe__warmup_epochs=3,
        mkt__top_k=5,
    )
    base, csrms = settings(found, "base"), settings(found, "csrms")
    assert (base.recipe.optimizer.lr, base.seeds) == (0.5, [7, 8])
    assert csrms.smoothing.topology.k == 9
    assert found["relations"]["n"] == 2
    assert found["vlp"]["source"]["recipe"]["schedule"]["warmup_epochs"] == 3
    assert found["mkt"]["top_k"] == 5, "a section that no run uses stays where it was edited"
    assert "ssgrl" not in found
    assert check_document(found, Path("params.yaml")) == []
    assert "base.recipe.lr: moved to base.recipe.optimizer.lr" in notes
    assert "base.recipe.decay: 0.1 is dropped, since schedule cosine reads none" in notes


def test_a_schedule_of_steps_keeps_its_numbers():
    found, notes = changed(
        base__recipe__schedule="step", base__recipe__decay=0.5, base__recipe__decay_every=2
    )
    schedule = settings(found, "base").recipe.schedule
    assert (schedule.name, schedule.factor, schedule.every) == ("step", 0.5, 2)
    assert "base.recipe.decay_every: moved to base.recipe.schedule.every" in notes


@pytest.mark.parametrize("name", [name for name in OWN if name != "ranking"])
@pytest.mark.parametrize("scale", ["learned", "fixed"])
def test_every_loss_keeps_the_numbers_that_it_reads(name, scale):
    found, _ = changed(
        sigrl__loss=name, sigrl__single_positive__scale=scale, sigrl__recipe__epochs=9
    )
    loss, before = settings(found, "sigrl").loss, older()["sigrl"]["single_positive"]
    assert loss.name == name
    assert {key: getattr(loss, key) for key in OWN[name]} == {key: before[key] for key in OWN[name]}
    assert loss.scale.name == scale
    if scale == "learned":
        assert (loss.scale.start, loss.scale.shift) == (before["start"], before["shift"])


@pytest.mark.parametrize("kind", ["gcn", "gnn", "tail_gnn", "js_loss", "none"])
def test_every_smoothing_and_its_weight_is_kept(kind):
    found, _ = changed(
        csrms__smoothing__kind=kind,
        csrms__weights__js=0.2 if kind == "js_loss" else 0.0,
        csrms__weights__positives=0.3333 if kind in ("gcn", "gnn", "tail_gnn") else 0.0,
    )
    smoothing = settings(found, "csrms").smoothing
    assert smoothing.name == kind
    assert getattr(smoothing, "weight", None) == (0.2 if kind == "js_loss" else None)


@pytest.mark.parametrize("pace", ["linear", "converged"])
def test_a_curriculum_keeps_what_paces_it(pace):
    found, _ = changed(csrms__curriculum__pace=pace)
    assert settings(found, "csrms").curriculum.name == pace


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [("am", {"sigma": 5e-6}), ("cm", {"delta": 0.001}), ("hi", {"sigma": 5e-6, "delta": 0.001})],
)
def test_clusterers_keep_what_they_read(rule, numbers):
    found, notes = changed(clusters__vigilance=rule, exemplars__algorithm="kmeans")
    assert found["clusters"]["algorithm"]["vigilance"] == {"name": rule} | numbers
    assert found["exemplars"]["algorithm"] == {
        "name": "kmeans", "n_clusters": 10, "iterations": 20, "seed": 0,
    }  # fmt: skip
    assert "exemplars.rho: 0.85 is dropped, since algorithm kmeans reads none" in notes


@pytest.mark.parametrize(
    ("changes", "source", "path"),
    [
        ({"source": "words", "words": {"path": "w.txt"}}, {"name": "words"}, "w.txt"),
        (
            {"source": "sentence", "sentence": {"path": "s"}, "prompts": ["a {}"]},
            {"name": "sentence", "prompts": ["a {}"]},
            "s",
        ),
        (
            {"source": "ngrams", "ngrams": {"dims": 64, "shortest": 2, "longest": 4}},
            {"name": "ngrams", "dims": 64, "shortest": 2, "longest": 4},
            "data/none",
        ),
    ],
)
def test_every_source_of_vectors_keeps_what_it_reads(changes, source, path):
    found, notes = changed(text=older()["text"] | changes)
    assert found["text"] == {"source": source, "path": path, "normalise": True}
    said = [note for note in notes if note.startswith("text.vlp.path: ")]
    gone = f"'data/artifacts/vlp/towers' is dropped, since source is {source['name']}"
    assert said == [f"text.vlp.path: {gone}"]


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        (
            {"source": "named", "model": "RN50", "pretrained": "yfcc15m"},
            {"name": "named", "model": "RN50", "pretrained": "yfcc15m"},
        ),
        (
            {"source": "checkpoint", "model": "RN50", "checkpoint": "w.pt"},
            {"name": "checkpoint", "model": "RN50"},
        ),
    ],
)
def test_every_vision_language_model_keeps_what_it_reads(changes, source):
    found, notes = changed(vlp=older()["vlp"] | changes)
    assert found["vlp"] == {
        "source": source,
        "checkpoint": changes.get("checkpoint", "data/none"),
        "sentences": "data/none",
        "vectors": "data/none",
    }
    assert f"vlp.captions.words: 2 is dropped, since source is {source['name']}" in notes


def test_a_section_without_the_paths_of_lit_is_told_apart_and_gets_them():
    before = text_of(PRESETS, DEFAULT, {})
    document = yaml().load(before)
    for key in ("sentences", "vectors"):
        del document["vlp"][key]
    assert older_place(document) == "vlp.sentences is missing"
    written = StringIO()
    YAML().dump(document, written)
    new, notes = migrated(written.getvalue(), PRESETS)
    assert yaml().load(new) == yaml().load(before)
    assert notes == [
        f"vlp.{key}: added, source lit alone reads it" for key in ("sentences", "vectors")
    ]


@pytest.mark.parametrize(
    ("before", "by", "said"),
    [
        ({}, "none", "dataset.unseen.by: added, it is none; dataset.unseen.wordnet: added, none"),
        ({"names": "n.txt"}, {"name": "list"}, "dataset.unseen.by: added, it is list"),
        (
            {"share": 0.2, "seed": 3},
            {"name": "share", "share": 0.2, "seed": 3},
            "dataset.unseen.share: moved to dataset.unseen.by.share",
        ),
    ],
)
def test_what_was_unseen_stays_unseen(before, by, said):
    section = older()["dataset"]
    found, notes = changed(dataset=section | {"unseen": section["unseen"] | before})
    names = before.get("names", "data/none")
    assert found["dataset"]["unseen"] == {"by": by, "names": names, "wordnet": "data/none"}
    assert any(note.startswith(said) for note in notes)
    assert found["dataset"]["captions"] == {
        "tags": "none", "names": "data/none", "wordnet": "data/none"
    }  # fmt: skip


def test_a_category_graph_keeps_what_its_sources_read():
    wordnet = {"path": "w.xml", "senses": 2, "at_least": 0.3}
    found, notes = changed(
        category_graph__sources=["cooccurrence", "wordnet", "file"],
        category_graph__beside=["llm"],
        category_graph__wordnet=wordnet,
        category_graph__file__path="e.csv",
        category_graph__exclusion={"enabled": True, "expected": 2.0},
    )
    graph = found["category_graph"]
    assert graph["wordnet"] == {"senses": 2, "at_least": 0.3}
    assert graph["paths"] == {"wordnet": "w.xml", "file": "e.csv", "answers": "data/none"}
    assert (graph["exclusion"], graph["llm"]["queries"]) == ({"expected": 2.0}, 3)
    assert (graph["similarity"], graph["random"]) == ("none", "none")
    assert "category_graph.wordnet.path: moved to category_graph.paths.wordnet" in notes
    assert of(CategoryGraph, found, "category_graph", Path("params.yaml")).similarity is None


def test_modules_that_are_off_become_none():
    off = {"prior": False, "decoupling": False, "reasoning": False}
    found, _ = changed(dlsa__modules=off, dlsa__width=0)
    dlsa = settings(found, "dlsa")
    assert (dlsa.labels, dlsa.prior, dlsa.decoupling, dlsa.reasoning) == (None,) * 4
    found, _ = changed(c2srt__modules={"distillation": True, "isr": False, "ist": True})
    assert settings(found, "c2srt").isr is None
    found, _ = changed(
        sigrl__modules=dict.fromkeys(("correlation", "decoupling", "reconstruction"), False)
    )
    sigrl = settings(found, "sigrl")
    assert (sigrl.correlation, sigrl.decoupling, sigrl.reconstruction) == (None,) * 3


def test_prompts_that_are_tuned_keep_their_training():
    found, _ = changed(c2srt__prompts={"mode": "tuning", "epochs": 3, "lr": 0.01})
    prompts = settings(found, "c2srt").prompts
    assert (prompts.name, prompts.epochs, prompts.lr) == ("tuning", 3, 0.01)


def test_comments_of_what_stays_are_kept():
    text = "relations:\n  n: 5  # mine\n"
    lines = OLDER.read_text().splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith("relations:"))
    end = next(i for i in range(start + 1, len(lines)) if not lines[i].startswith(" "))
    body = [line for line in lines[start + 1 : end] if not line.startswith("  n:")]
    new, _ = migrated("".join([*lines[:start], text, *body, *lines[end:]]), PRESETS)
    assert "  n: 5  # mine\n" in new


def test_a_command_that_meets_an_older_file_names_the_remedy(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(OLDER.read_text())
    expected = (
        r"params.yaml: baseline.classes.recipe.optimizer is 'sgd', as an older version wrote it; "
        "`protoweave use` without a preset migrates"
    )
    with pytest.raises(InputError, match=expected):
        check_parameters(path)
    with pytest.raises(InputError, match=expected):
        of(load_settings("base"), yaml().load(path), "base", path)
