import importlib.metadata
import importlib.util
import shutil

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.project.check import check
from pipeline_lib.project.document import check_document, check_parameters
from pipeline_lib.project.sections import SECTIONS
from pipeline_lib.project.switching import select
from tests.presets import default_document

BASE = "  base:\n    method: base\n"


def test_the_params_of_the_repository_have_no_fault(root):
    assert check_document(default_document(), root / "params.yaml") == []


FAULTS = {
    "misspelt section": (
        ("\nclusters:\n", "\nclustres:\n"),
        [
            "section 'clusters' is missing; did you mean 'clustres'?",
            "section 'clustres' is unknown; did you mean 'clusters'?",
        ],
    ),
    "shared that lacks a stage": (
        ("  relations: [classes]", "  relations: []"),
        [
            "shared.relations is [], expected ['classes'] for the enabled runs; "
            "`protoweave methods --sync` mends it"
        ],
    ),
    "shared that has too much": (
        ("  relations: [classes]", "  relations: [classes, tags]"),
        [
            "shared.relations is ['classes', 'tags'], expected ['classes'] for the enabled "
            "runs; `protoweave methods --sync` mends it"
        ],
    ),
    "run without section": (
        (BASE, BASE.replace("  base:", "  plain:")),
        ["methods.plain: section 'plain:' is missing"],
    ),
    "value out of range": (
        ("rho_1: 0.85", "rho_1: 1.85"),
        ["relations.rho_1 is 1.85: input should be less than 1"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_alone(params, fault):
    change, expected = FAULTS[fault]
    path = params(change)
    assert check_parameters(path) == [f"{path}: {text}" for text in expected]


def test_a_misspelt_key_names_the_nearest(params):
    path = params(("topology: {", "topolgy: {"))
    found = check_parameters(path)
    wrong = f"{path}: csrms.smoothing.topolgy is not a known key; did you mean 'topology'?"
    assert wrong in found
    assert len(found) == 2  # and the right one is missing


def test_all_faults_are_found_at_once(params):
    path = params(
        (BASE, BASE.replace("method: base", "method: bsae")),
        ("rho_1: 0.85", "rho_1: high"),
        ("  embedding: tsne", "  embedding: umap"),
        ("  draws: 1000 ", "  draws: 1 "),
    )
    found = [fault.removeprefix(f"{path}: ") for fault in check_parameters(path)]
    assert [fault.split(" ")[0] for fault in found] == [
        "params.yaml:",
        "relations.rho_1",
        "evaluation.draws",
        "evaluation.embedding",
    ]
    assert found[0] == "params.yaml: methods.base: unknown method 'bsae'; did you mean 'base'?"


def test_a_run_is_read_by_its_method(params):
    path = params((BASE, "  plain:\n    method: csrms\n"), ("\nbase:\n", "\nplain:\n"))
    missing = "plain.smoothing is missing; `protoweave use PRESET` writes a complete file"
    assert f"{path}: {missing}" in check_parameters(path)


def test_a_run_that_takes_the_name_of_a_stage_is_found_out(params):
    path = params((BASE, BASE.replace("  base:", "  evaluation:")))
    known = "auxiliary_tags, backbone, recipe, seeds"
    assert f"{path}: evaluation.top_k is not a known key; known: {known}" in (
        check_parameters(path)
    )


def test_a_section_of_a_method_that_no_run_uses_is_checked_too(params):
    for change, expected in (
        ((), []),
        ((("pool: max", "pool: most"),), ["pool"]),
    ):
        found = check_parameters(params(*change))
        assert [fault.split("ml_gcn.")[1].split(" ")[0] for fault in found] == expected


@pytest.mark.parametrize("section", ["methods", "shared", "dataset", "csrms"])
@pytest.mark.parametrize("content", [None, "x", []])
def test_a_section_without_content_is_a_fault_and_no_crash(params, section, content):
    path = params()
    yaml = YAML(typ="safe")
    yaml.dump(yaml.load(path) | {section: content}, path)
    (fault,) = check_parameters(path)
    assert section in fault


def test_an_empty_file_lists_every_section_that_is_missing(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("mine: 1\n")
    found = check_parameters(path)
    for name in SECTIONS:
        assert f"{path}: section '{name}' is missing; known: mine" in found


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"params\.yaml: missing; run `protoweave use PRESET`"):
        check_parameters(tmp_path / "params.yaml")


@pytest.fixture
def checkout(params, tmp_path):
    """A folder that looks like a sound checkout."""
    params()
    for folder in (".git", ".dvc", "data/raw/scenes"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("answers/scenes.jsonl", "wordnet/nouns.xml.xz"):
        (tmp_path / "data" / name).parent.mkdir()
        (tmp_path / "data" / name).touch()
    return tmp_path


def findings(root):
    return {finding.text: finding.ok for finding in check(root)}


def test_a_sound_checkout_has_no_failure(checkout, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program: f"/bin/{program}")
    found = findings(checkout)
    failures = [text for text, ok in found.items() if not ok and "GiB free" not in text]
    assert failures == []
    expected = {"a git checkout", "a DVC project (else: dvc init)", "`git` found", "`dvc` found"}
    expected |= {"params.yaml: every section is valid", "data set folder data/raw/scenes"}
    expected |= {f"torch {importlib.metadata.version('torch')}"}
    assert expected <= found.keys()
    assert any("no DVC remote" in text for text in found)


def test_what_a_checkout_lacks_is_told(checkout, monkeypatch):
    for folder in (".git", ".dvc", "data/raw/scenes"):
        (checkout / folder).rmdir()
    monkeypatch.setattr(shutil, "which", lambda program: None)
    found = findings(checkout)
    missing = "data set folder data/raw/scenes is missing: `protoweave use PRESET --data DIR`"
    for text in ("a git checkout", "a DVC project (else: dvc init)", "`dvc` is not on the PATH",
                 missing):  # fmt: skip
        assert found[text] is False


@pytest.mark.parametrize(
    ("wanted", "files", "expected", "ok"),
    [
        ("scenes", ["catalogue.yaml"], "its layout is scenes", True),
        ("auto", ["cat/1.jpg", "dog/2.jpg"], "its layout is image_folder", True),
        ("auto", ["notes.txt"], "data/raw/scenes' holds no data set of a known layout", False),
        ("scenes", ["cat/1.jpg"], "it does not look like scenes (dataset.format), which is", True),
    ],
)
def test_the_layout_of_the_data_set_is_looked_at(checkout, params, wanted, files, expected, ok):
    params(("format: scenes", f"format: {wanted}"))
    for file in files:
        path = checkout / "data/raw/scenes" / file
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (found,) = [(text, good) for text, good in findings(checkout).items() if expected in text]
    assert found[1] is ok


def test_a_place_that_the_environment_tells_is_said_to_be_of_it(checkout, tmp_path, monkeypatch):
    monkeypatch.setenv("PROTOWEAVE_DATA", str(tmp_path / ".git"))
    found = (
        f"data set folder data/raw/scenes, on this machine {tmp_path / '.git'} (PROTOWEAVE_DATA)"
    )
    assert findings(checkout)[found] is True


def test_a_remote_is_recognised(checkout):
    (checkout / ".dvc/config").write_text("[core]\n    remote = team\n")
    assert findings(checkout)["a DVC remote is set"] is True


def test_a_disk_that_is_nearly_full_is_told(checkout, monkeypatch):
    usage = shutil.disk_usage(checkout)
    for gib, ok in ((5, True), (4, False)):
        free = usage._replace(free=gib * 2**30)
        monkeypatch.setattr(shutil, "disk_usage", lambda root, free=free: free)
        assert findings(checkout)[f"{gib} GiB free, wants 5"] is ok


def test_a_missing_library_is_told(checkout, monkeypatch):
    version = importlib.metadata.version

    def without_timm(name):
        if name == "timm":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without_timm)
    found = findings(checkout)
    assert found["timm is not installed: pip install -r requirements.lock"] is False


def test_faults_of_the_parameters_are_told(checkout, params):
    path = params(("rho_1: 0.85", "rho_1: 1.85"))
    found = findings(checkout)
    assert found[f"{path}: relations.rho_1 is 1.85: input should be less than 1"] is False
    assert "params.yaml: every section is valid" not in found


def test_missing_parameters_are_told(checkout):
    (checkout / "params.yaml").unlink()
    (fault,) = [text for text in findings(checkout) if "params.yaml" in text]
    assert "missing; run `protoweave use PRESET`" in fault


class Installed:
    """What `importlib.metadata` says of one distribution."""

    def __init__(self, name):
        self.name, self.version = name, "1.2"


@pytest.mark.parametrize(
    ("names", "ok", "text"),
    [
        (["faiss-cpu"], True, "faiss-cpu 1.2"),
        (["faiss-gpu-cu12"], True, "faiss-gpu-cu12 1.2"),
        (
            ["faiss-gpu-cu12", "faiss-cpu"],
            False,
            "faiss-cpu and faiss-gpu-cu12 are installed and overwrite each other, expected one: "
            "pip uninstall faiss-cpu faiss-gpu-cu12; then pip install -e '.[cpu]', or pip install "
            "-e '.[gpu]' for CUDA",
        ),
        ([], True, "faiss found"),
    ],
)
def test_one_build_of_faiss_is_expected(checkout, monkeypatch, names, ok, text):
    found = [Installed(name) for name in ["torch", *names]]
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: found)
    assert findings(checkout)[text] is ok


def test_no_build_of_faiss_is_told(checkout, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "distributions", list)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    expected = (
        "FAISS is not installed: pip install -e '.[cpu]', or pip install -e '.[gpu]' for CUDA"
    )
    assert findings(checkout)[expected] is False


def test_a_file_that_a_stage_reads_and_that_is_not_there_is_told(checkout, params):
    params(
        ("path: data/artifacts/vlp/towers ", 'path: "data/raw/words (dataset.path)" '),
        (
            '    weights: data/none\n    reference: ""\n  # base_images',
            '    weights: mine.pt\n    reference: ""\n  # base_images',
        ),
    )
    said = "is missing, and a stage reads it; put it there"
    found = findings(checkout)
    assert found[f"data/raw/words (dataset.path) (text.path) {said}"] is False
    assert found[f"mine.pt (methods.base.weights) {said}"] is False
    assert len([text for text in found if text.endswith(said)]) == 2
    (checkout / "mine.pt").touch()
    assert f"mine.pt (methods.base.weights) {said}" not in findings(checkout)


def test_the_section_of_a_run_that_is_off_is_checked_and_known(params):
    path = params()
    select(path, disable=["base_maps"])
    assert check_parameters(path) == []
    path.write_text(path.read_text().replace("lr: 0.01, weight_decay: 0.01", "lr: -1.0, a: 0.01"))
    found = check_parameters(path)
    where = f"{path}: base_maps.recipe.optimizer"
    assert f"{where}.lr is -1.0: input should be greater than 0" in found
    assert f"{where}.a is not a known key; known: lr, name, weight_decay" in found
