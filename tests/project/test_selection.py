import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.selection import SHARED, enabled, entry, faults, needed, select

TOY = """\
# Top.
methods:  # which
  # plain
  base:
    method: base  # no graph
    input: x
  # with relations
  csrms:
    method: csrms
    weights: mine

# Shared.
shared:
  vlp: []
  baseline: [classes]
  maps: []
  csnet: []
  regions: []
  exemplars: []
  features: [classes]
  clusters: [classes]
  relations: [classes]
  text: []
  category_graph: []

# Which weights.
features: {weights: data/artifacts/baseline/classes/weights.safetensors}
maps: {weights: data/artifacts/baseline/tags/weights.safetensors}

# Plain section.
base: {a: 1}  # one

csrms:
  b: "no"
# The end.
"""


@pytest.fixture
def toy(tmp_path):
    """Write a small params.yaml."""

    def write(text=TOY):
        (tmp_path / "params.yaml").write_text(text)
        return tmp_path / "params.yaml"

    return write


def loaded(path):
    return YAML(typ="safe").load(path)


def document(**runs):
    """Return the sections that decide which shared stages there are."""
    weights = "data/artifacts/baseline/{}/weights.safetensors"
    sections = {"features": "classes", "maps": "tags"}
    return {"methods": runs} | {k: {"weights": weights.format(v)} for k, v in sections.items()}


def without(text, *lines):
    """Return ``text`` without some of its lines."""
    return "".join(line for line in text.splitlines(keepends=True) if line.strip() not in lines)


def test_nothing_changed_is_nothing_rewritten(toy):
    path = toy()
    assert select(path) == ["base", "csrms"]
    assert path.read_text() == TOY


def test_a_run_that_is_disabled_goes_and_everything_else_stays(toy):
    path = toy()
    assert select(path, disable=["csrms"]) == ["base"]
    gone = ("# with relations", "csrms:", "method: csrms", "weights: mine", 'b: "no"')
    expected = without(TOY, *gone).replace("[classes]", "[]")
    assert path.read_text() == expected.replace("# The end.", 'csrms:\n  b: "no"\n# The end.')


def test_the_comment_of_the_next_run_stays(toy):
    path = toy()
    select(path, disable=["base"])
    expected = without(TOY, "# plain", "base:", "method: base  # no graph", "input: x")
    assert path.read_text() == expected


def test_a_run_that_is_enabled_again_is_what_the_catalogue_says(toy):
    path = toy()
    select(path, disable=["csrms"])
    assert select(path, enable=["csrms"]) == ["base", "csrms"]
    found = loaded(path)
    assert entry(METHODS["csrms"]) == {
        "method": "csrms",
        "target": "classes",
        "input": "data/artifacts/ingest/images.safetensors",
        "knowledge": "data/artifacts/relations/classes/knowledge.safetensors",
        "weights": "data/none",
    }
    assert found["methods"]["csrms"] == entry(METHODS["csrms"]) | {"reference": ""}
    assert found["shared"]["relations"] == ["classes"]
    assert "\n\n# Shared.\nshared:" in path.read_text()


def test_all_runs_can_be_disabled_and_enabled(toy):
    path = toy()
    assert select(path, disable=["base", "csrms"]) == []
    assert loaded(path)["methods"] == {}
    assert select(path, enable=["csrms", "base"]) == ["csrms", "base"]
    assert faults(loaded(path), path) == []


def test_a_run_that_is_there_keeps_its_own_settings(toy):
    path = toy()
    select(path, enable=["csrms"])
    assert loaded(path)["methods"]["csrms"] == {"method": "csrms", "weights": "mine"}


def test_the_params_of_the_repository_survive(params):
    path = params()
    before = path.read_text()
    select(path, disable=["sigrl"])
    assert path.read_text() != before
    select(path, enable=["sigrl"])
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"enable": ["csrm"]}, r"unknown method 'csrm'; did you mean 'csrms'\?"),
        ({"disable": ["bsae"]}, r"params\.yaml: no run 'bsae'; did you mean 'base'\?"),
    ],
)
def test_an_unknown_name_changes_nothing(toy, options, message):
    path = toy()
    with pytest.raises(InputError, match=message):
        select(path, **({"disable": ["csrms"]} | options))
    assert path.read_text() == TOY


def test_a_method_without_its_section_is_not_enabled(toy):
    text = TOY.replace('csrms:\n  b: "no"\n', "")
    path = toy(text.replace("  csrms:\n    method: csrms\n    weights: mine\n", ""))
    expected = "run 'csrms' needs a section 'csrms:', which is missing; copy it from a file in"
    with pytest.raises(InputError, match=expected):
        select(path, enable=["csrms"])


@pytest.mark.parametrize("section", ["methods", "shared"])
@pytest.mark.parametrize("content", ["", " []", " x"])
def test_a_section_that_is_no_mapping_is_named(toy, section, content):
    path = toy("methods: {}\nshared: {}\n".replace(f"{section}: {{}}", f"{section}:{content}"))
    expected = rf"params\.yaml: section '{section}' is .*, expected a mapping; `protoweave use"
    with pytest.raises(InputError, match=expected):
        select(path)
    assert expected_fault(path, section)


def expected_fault(path, section):
    return f"section '{section}' is" in faults(loaded(path), path)[0]


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(InputError, match=r"params\.yaml: missing; run `protoweave use PRESET`"):
        select(tmp_path / "params.yaml", enable=["base"])


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
    ],
)
def test_what_cannot_run_for_its_own_sake_is_named(also, message):
    with pytest.raises(InputError, match=rf"params\.yaml: {message}"):
        needed(document() | {"also": also})


def test_a_run_predicts_what_it_says(toy):
    path = toy(TOY.replace("csrms:\n  b", "base_tags: {a: 2}\ncsrms:\n  b"))
    select(path, enable=["base_tags=base@tags"])
    assert loaded(path)["methods"]["base_tags"] == {
        **entry(METHODS["base"], "tags"),
        "reference": "",
    }
    assert loaded(path)["methods"]["base_tags"]["target"] == "tags"


def test_a_target_that_a_method_does_not_predict_is_refused(toy):
    path = toy()
    with pytest.raises(
        InputError, match="method 'csrms' does not predict 'tags', expected classes"
    ):
        select(path, enable=["csrms=csrms@tags"], disable=["csrms"])
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
        f"{path}: shared.relations is [], expected ['classes'] for the enabled methods; "
        "`protoweave methods --sync` mends it"
    ]
    select(path)
    assert faults(loaded(path), path) == []


def test_a_run_without_its_section_is_named(toy):
    path = toy(TOY.replace("  csrms:\n", "  mine:\n"))
    assert faults(loaded(path), path) == [f"{path}: methods.mine: section 'mine:' is missing"]


def test_a_reference_that_is_no_run_is_a_fault(toy):
    path = toy(TOY.replace("    weights: mine\n", "    weights: mine\n    reference: bose\n"))
    assert faults(loaded(path), path) == [
        "params.yaml: methods.csrms.reference is 'bose', expected another run or \"\" for no "
        "comparison; did you mean 'base'?"
    ]
