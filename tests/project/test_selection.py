"""Which shared stages the runs need, and what is wrong with them."""

import re

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.selection import enabled, entry, faults, needed
from pipeline_lib.project.stages import INPUTS, SHARED, made_by
from pipeline_lib.project.switching import select
from tests.presets import default_document
from tests.project.toy import TOY, loaded


def document(**runs):
    """Return the sections that decide which shared stages there are."""
    weights = "data/artifacts/baseline/{}/weights.safetensors"
    sections = {"features": "classes", "maps": "tags"}
    return {"methods": runs} | {k: {"weights": weights.format(v)} for k, v in sections.items()}


def test_the_methods_of_all_runs(toy):
    path = toy("methods: {one: {method: csrms}, two: {method: csrms}, base: {method: base}}\n")
    assert enabled(path) == ["csrms", "csrms", "base"]


def test_shared_stages_are_needed_once_for_each_target():
    csrms, base = {"method": "csrms"}, {"method": "base"}
    none = {stage: [] for stage in SHARED}
    assert needed(document()) == needed(document(base=base)) == none
    found = needed(document(a=csrms, b=base, c=csrms))
    stages = ("baseline", "features", "clusters", "relations")
    assert found == none | {stage: ["classes"] for stage in stages}


def test_a_baseline_is_trained_only_where_its_weights_are_read():
    of = {"features": {"weights": "mine.safetensors"}}
    found = needed(document(a={"method": "csrms"}) | of)
    assert (found["baseline"], found["features"]) == ([], ["classes"])


VECTORS = {"quality": {"vectors": "data/artifacts/features/classes", "graph": "data/none"}}


def test_quality_follows_what_it_looks_at():
    csrms = {"a": {"method": "csrms"}}
    assert needed(document(**csrms) | VECTORS)["quality"] == ["images"]
    assert needed(document(b={"method": "base"}) | VECTORS)["quality"] == []
    off = {"quality": VECTORS["quality"] | {"vectors": "data/none"}}
    assert needed(document(**csrms) | off)["quality"] == []
    own = {"quality": VECTORS["quality"] | {"vectors": "data/artifacts/maps/tags"}}
    assert needed(document(**csrms) | own)["quality"] == []


def test_quality_may_be_asked_for_and_brings_what_it_looks_at():
    graph = {"graph": "data/artifacts/category_graph/tags/edges.parquet"}
    asked = {"quality": VECTORS["quality"] | graph, "also": {"quality": ["images"]}}
    found = needed(document() | asked)
    assert (found["features"], found["quality"]) == (["classes"], ["images"])
    assert (found["category_graph"], found["text"]) == (["tags"], ["tags"])


def test_maps_are_needed_by_whoever_reads_them(root):
    runs = default_document()
    for name in ("base_maps", "base_tags", "dlsa"):
        found = needed(runs | {"methods": {name: runs["methods"][name]}})
        assert (found["maps"], found["baseline"]) == (["tags"], ["tags"]), name
    found = needed(runs | {"methods": {"base": runs["methods"]["base"]}})
    assert set(map(tuple, found.values())) == {()}


def test_a_method_on_images_needs_no_maps():
    run = entry(METHODS["dlsa"]) | {"input": "data/artifacts/ingest/images.safetensors"}
    found = needed(document(mine=run))
    assert (found["maps"], found["category_graph"]) == ([], ["tags"])


def test_a_vision_language_model_is_made_where_a_run_or_a_text_starts_from_it():
    towers = "data/artifacts/vlp/towers"
    run = entry(METHODS["base"]) | {"weights": towers}
    assert needed(document(mine=run))["vlp"] == ["towers"]
    text = {"text": {"path": towers}, "also": {"text": ["tags"]}}
    assert needed(document() | text)["vlp"] == ["towers"]
    assert needed(document() | text | {"also": {}})["vlp"] == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("data/artifacts/mapz/tags", "which no stage makes; did you mean 'maps'"),
        ("data/artifacts/text/tag", "expected data/artifacts/text/classes or tags; did you mean"),
        ("data/artifacts/text", "expected data/artifacts/text/classes or tags; known: classes"),
        ("data/artifacts/maps/classes", "expected data/artifacts/maps/tags; known: tags"),
        ("data/artifacts/vlp/tags", "expected data/artifacts/vlp/towers; known: towers"),
    ],
)
def test_a_file_that_no_stage_makes_is_named(path, message):
    run = entry(METHODS["base"]) | {"input": path}
    with pytest.raises(InputError, match=rf"methods\.mine\.input is '{path}', {message}"):
        needed(document(mine=run))


def test_stages_read_what_dvc_yaml_says(root):
    stages = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    shared = {name: s["do"] for name, s in stages.items() if "${shared." in s.get("foreach", "")}
    found = {}
    for name, stage in shared.items():
        paths = [dep.replace("${item}", "{item}") for dep in stage["deps"]]
        found[name] = tuple(
            re.sub(r"^\$\{(.*)\}$", r"{\1}", path)
            for path in paths
            if path.startswith("${") or re.match(r"data/artifacts/(?!ingest/|code/)", path)
        )
    assert found == INPUTS


def test_what_is_no_artifact_is_made_by_nobody():
    assert made_by("data/raw/x", "here") is made_by("/abs/x.pt", "here") is None
    assert made_by("./data/artifacts/maps/tags/", "here") == ("maps", "tags")
    assert made_by("data/artifacts/train/base/weights.safetensors", "here") == ("train", "base")


def test_shared_stages_may_run_for_their_own_sake(toy):
    path = toy(TOY + "also: {category_graph: [tags], text: [classes]}\n")
    select(path)
    shared = loaded(path)["shared"]
    assert shared["category_graph"] == ["tags"]
    assert shared["text"] == ["classes", "tags"]  # the graph reads the vectors of its target
    assert faults(loaded(path), path) == []
    toy(path.read_text().replace("also:", "also: {}  #"))
    select(path)
    assert loaded(path)["shared"]["text"] == []


@pytest.mark.parametrize(
    ("also", "message"),
    [
        (["text"], r"also is \['text'\], expected a mapping, e\.g\. {text: \[tags\]}"),
        ({"texts": ["tags"]}, "also: no shared stage 'texts'; did you mean 'text'"),
        ({"text": "tags"}, r"also\.text is 'tags', expected a list of classes and tags"),
        ({"text": ["tag"]}, r"also\.text is \['tag'\], expected a list of classes and tags"),
        (
            {"clusters": ["tags"]},
            r"also\.clusters is \['tags'\], expected \[classes\], which it is",
        ),
        ({"maps": ["classes", "tags"]}, r"also\.maps is .*, expected \[tags\], which"),
    ],
)
def test_what_cannot_run_for_its_own_sake_is_named(also, message):
    with pytest.raises(InputError, match=rf"params\.yaml: {message}"):
        needed(document() | {"also": also})


def test_a_target_that_a_method_does_not_predict_is_refused():
    run = {"method": "csrms", "target": "both"}
    message = r"params\.yaml: methods\.mine: method 'csrms' does not predict 'both'"
    with pytest.raises(InputError, match=message):
        needed(document(mine=run))


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (None, r"methods\.mine is None, expected `method:` and what it reads; delete it"),
        ({"input": "x"}, r"methods\.mine is {'input': 'x'}, expected `method:`"),
        ({"method": "bas"}, r"methods\.mine: unknown method 'bas'; did you mean 'base'\?"),
        ({"method": 3}, r"methods\.mine: unknown method '3'; known: base"),
    ],
)
def test_a_run_that_names_no_method_is_named(run, message):
    with pytest.raises(InputError, match=rf"params\.yaml: {message}"):
        needed(document(mine=run))


def test_shared_that_disagrees_with_methods_is_named(toy):
    path = toy(TOY.replace("relations: [classes]", "relations: []"))
    assert faults(loaded(path), path) == [
        f"{path}: shared.relations is [], expected ['classes'] for the enabled runs; "
        "`protoweave methods --sync` mends it"
    ]
    select(path)
    assert faults(loaded(path), path) == []


def test_a_run_without_its_section_is_named(toy):
    path = toy(TOY.replace("  csrms:\n", "  mine:\n"))
    assert faults(loaded(path), path) == [f"{path}: methods.mine: section 'mine:' is missing"]


def test_a_reference_that_is_no_run_is_a_fault(toy):
    path = toy(TOY.replace('mine\n    reference: ""', "mine\n    reference: bose"))
    assert faults(loaded(path), path) == [
        "params.yaml: methods.csrms.reference is 'bose', expected another run or \"\" for no "
        "comparison; did you mean 'base'?"
    ]


def test_a_reference_that_is_switched_off_is_none(toy):
    text = TOY.replace('mine\n    reference: ""', "mine\n    reference: base")
    path = toy(text)
    assert faults(loaded(path), path) == []
    select(path, disable=["base"])
    assert faults(loaded(path), path) == []
    assert loaded(path)["methods"]["csrms"]["reference"] == "base"
    path = toy(text.replace("reference: base", "reference: bas"))
    (fault,) = faults(loaded(path), path)
    assert "methods.csrms.reference is 'bas', expected another run" in fault


def test_a_run_that_starts_from_another_needs_it(toy):
    path = toy(TOY.replace("weights: mine", "weights: data/artifacts/train/base/weights.pt"))
    assert faults(loaded(path), path) == []
    select(path, disable=["base"])
    (fault,) = faults(loaded(path), path)
    assert fault.endswith(
        "methods.csrms.weights is 'data/artifacts/train/base/weights.pt', of a run that is not "
        "enabled; `protoweave methods --enable base` brings it back"
    )


def test_a_run_cannot_be_on_and_off(toy):
    path = toy()
    select(path, disable=["base"])
    text = path.read_text()
    path = toy(text.replace("  csrms:", "  base:", 1).replace("[classes]", "[]"))
    assert any(
        "run 'base' is in both methods and disabled" in f for f in faults(loaded(path), path)
    )


@pytest.mark.parametrize(
    "path", ["data/w $(touch X).pt", "a b", "~/w.pt", "-w", "w;ls", "w'", 'w"', "w*", "", "a\nb"]
)
def test_a_path_that_the_shell_would_take_apart_is_refused(toy, path):
    found = loaded(toy())
    found["methods"]["csrms"]["weights"] = path
    (fault,) = faults(found, toy())
    assert f"methods.csrms.weights is {path!r}: expected a path of letters, digits and" in fault


@pytest.mark.parametrize("path", ["../w/ü_1-2.pt", "/abs/w+x=1,2@3.pt", "s3://bucket/w.pt"])
def test_other_paths_are_not(toy, path):
    found = loaded(toy())
    found["methods"]["csrms"]["weights"] = path
    assert faults(found, toy()) == []


@pytest.mark.parametrize("name", ["a b", "a.b", "a$(x)", "1a", "a/b", "ü"])
def test_a_name_that_the_shell_would_take_apart_is_refused(toy, name):
    found = loaded(toy())
    found["methods"][name] = found["methods"].pop("base")
    found[name] = found["base"]
    (fault,) = faults(found, toy())
    assert f"methods: run '{name}': expected a name of letters, digits, _ and -" in fault


def test_a_run_that_lacks_a_key_or_has_one_too_many_is_named(toy):
    found = loaded(toy())
    del found["methods"]["base"]["knowledge"]
    found["methods"]["base"]["targets"] = "classes"
    said = "\n".join(faults(found, toy()))
    assert "methods.base.knowledge is missing" in said
    assert "methods.base.targets is not a known key; did you mean 'target'" in said
