import json
import os
import re
import subprocess
import sys

import polars as pl
import pytest
from ruamel.yaml import YAML

from pipeline_lib import cli
from pipeline_lib.artifacts.clusters import ASSIGNMENTS
from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.version import __version__
from tests.presets import default_text

RUNS = "base, base_images, csrms, base_maps, vscnet, base_tags, dlsa, clip, c2srt, sigrl"
DVC_YAML = """\
stages:
  first:
    cmd: cp in.txt first.txt
    deps: [in.txt]
    outs: [first.txt]
  second:
    cmd: cp first.txt second.txt
    deps: [first.txt]
    outs: [second.txt]
"""


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run `protoweave ARGUMENTS` in an empty folder; return exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["protoweave", *arguments])
        try:
            cli.main()
        except SystemExit as end:
            return end.code or 0, *capsys.readouterr()
        raise AssertionError("typer always exits")

    return run


@pytest.fixture
def project(tmp_path, root):
    """The default preset as params.yaml, and one preset more."""
    text = default_text()
    (tmp_path / "params.yaml").write_text(text)
    (tmp_path / "presets").mkdir()
    (tmp_path / f"presets/{DEFAULT}.yaml").write_text(text)
    (tmp_path / "data/raw/scenes").mkdir(parents=True)
    for name in ("answers/scenes.jsonl", "wordnet/nouns.xml.xz"):
        (tmp_path / "data" / name).parent.mkdir()
        (tmp_path / "data" / name).touch()
    (tmp_path / "presets/quick.yaml").write_text("# One epoch.\nbase: {recipe: {epochs: 1}}\n")
    return tmp_path


def loaded(path):
    return YAML(typ="safe").load(path)


def test_without_arguments_it_shows_its_help(command):
    code, output, _ = command()
    assert code == 2
    for name in ("use", "methods", "explain", "inspect", "doctor"):
        assert f" {name} " in output


def test_it_runs_as_a_program_and_starts_without_the_heavy_libraries(root):
    code = (
        "import sys; sys.argv[1:] = ['version']\n"
        "from pipeline_lib import cli\n"
        "try: cli.main()\n"
        "except SystemExit: print(sorted({'torch', 'timm', 'polars', 'dvc'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [f"protoweave {__version__}", "[]"]


def test_an_unknown_command_is_named(command):
    code, _, errors = command("evaluate")
    assert code == 2
    assert "No such command 'evaluate'" in errors


def test_an_input_error_is_a_paragraph_without_traceback(command):
    code, output, errors = command("methods")
    assert (code, output) == (2, "")
    assert errors == ("error: params.yaml: missing; run `protoweave use PRESET` to write it\n")


def test_presets_are_listed(command, project):
    code, output, _ = command("use")
    assert code == 0
    assert re.search(rf"{DEFAULT} .*\n.*quick +One epoch\.", output)


def test_a_preset_is_used_and_the_old_file_kept(command, project):
    (project / "params.yaml").write_text("mine: 1\n")
    code, output, _ = command("use", "quick")
    assert code == 0
    kept, used = output.splitlines()
    assert used.startswith("params.yaml holds preset 'quick'; `protoweave explain` says")
    path = kept.removeprefix("the params.yaml that was here is now ")
    assert path.startswith(".protoweave/params-")
    assert (project / path).read_text() == "mine: 1\n"
    assert loaded(project / "params.yaml")["base"]["recipe"]["epochs"] == 1


def test_a_preset_is_changed_by_the_command_line(command, project):
    code, output, _ = command(
        "use", "quick", "--data", "data/raw/mine", "--set", "csrms.recipe.optimizer.lr=1e-4",
        "--set", "base.seeds=[7]",
    )  # fmt: skip
    assert (code, "is now" in output) == (0, True)
    found = loaded(project / "params.yaml")
    assert found["dataset"]["path"] == "data/raw/mine"
    assert found["csrms"]["recipe"]["optimizer"]["lr"] == 1e-4
    assert found["base"]["seeds"] == [7]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["quik"], "no preset 'quik' in presets; did you mean 'quick'?"),
        (["quick", "--set", "csrms.recipe.epoch=1"], "no key 'epoch'; did you mean 'epochs'?"),
        (["quick", "--set", "csrms"], "'csrms': expected KEY=VALUE"),
    ],
)
def test_a_wrong_preset_or_change_writes_nothing(command, project, arguments, message):
    before = (project / "params.yaml").read_text()
    code, _, errors = command("use", *arguments)
    assert code == 2
    assert message in errors
    assert (project / "params.yaml").read_text() == before
    assert not (project / ".protoweave").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("base.recipe.epochs=ten", "base.recipe.epochs is 'ten': input should be a valid integer"),
        ("evaluation.draws=50", "evaluation.draws is 50: input should be greater than or equal to"),
        ("csrms.sign=papr", "csrms.sign is 'papr': input should be 'corrected' or 'paper'"),
        ("methods.base.method=bas", "methods.base: unknown method 'bas'; did you mean 'base'?"),
        ("also={text: [tag]}", "also.text is ['tag'], expected a list of classes and tags"),
        ("also={maps: [tag]}", "also.maps is ['tag'], expected [tags], which it is made for"),
        ("methods.csrms.reference=bas", "methods.csrms.reference is 'bas', expected another run"),
    ],
)
def test_a_faulty_value_writes_nothing(command, project, change, message):
    before = (project / "params.yaml").read_text()
    code, _, errors = command("use", "quick", "--set", change)
    assert code == 2
    assert message in errors
    assert (project / "params.yaml").read_text() == before
    assert not (project / ".protoweave").exists()


def test_the_home_folder_is_spelt_out(command, project, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    code, *_ = command(
        "use", "quick", "--data", "~/pictures",
        "--set", "text.source={name: words}", "--set", "text.path=~/w.txt",
    )  # fmt: skip
    assert code == 0
    found = loaded(project / "params.yaml")
    assert found["dataset"]["path"] == "data/raw/images"
    assert loaded(project / ".protoweave/local.yaml")["data"] == {
        "data/raw/images": "/home/me/pictures"
    }
    assert found["text"]["path"] == "/home/me/w.txt"


def test_what_is_not_there_yet_is_told(command, project):
    _, output, _ = command("use", "quick", "--data", "data/raw/mine")
    assert (
        "data/raw/mine (dataset.path) is not there yet; put it there before `dvc repro`" in output
    )
    (project / "data/raw/mine").mkdir()
    assert "not there yet" not in command("use", "quick", "--data", "data/raw/mine")[1]


@pytest.mark.parametrize("arguments", [[], ["quick"]])
def test_use_outside_a_checkout_says_so(command, tmp_path, arguments):
    code, output, errors = command("use", *arguments)
    assert (code, output) == (2, "")
    assert f"error: {tmp_path}: no folder presets/, expected a checkout of Protoweave" in errors


@pytest.mark.parametrize("arguments", [["use", "quick"], ["methods", "--disable", "csrms"]])
def test_params_yaml_is_not_changed_while_dvc_writes(command, project, arguments):
    lock = project / ".dvc/tmp/rwlock"
    lock.parent.mkdir(parents=True)
    writer = {"/data/out": {"write": {"pid": os.getpid(), "cmd": "dvc repro"}}}
    lock.write_text(json.dumps(writer))
    before = (project / "params.yaml").read_text()
    code, _, errors = command(*arguments)
    assert code == 2
    assert f".dvc/tmp/rwlock: process {os.getpid()} runs `dvc repro` here" in errors
    assert (project / "params.yaml").read_text() == before
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    reader = {"/data/in": {"read": [{"pid": os.getpid(), "cmd": "dvc repro"}]}}
    for content in (json.dumps({"/data/out": {"write": {"pid": gone.pid}}} | reader), "", "{"):
        lock.write_text(content)
        assert command(*arguments)[0] == 0


def test_the_version_is_an_option_too(command):
    assert command("--version") == command("version") == (0, f"protoweave {__version__}\n", "")


def test_a_run_is_enabled_with_its_section(command, project):
    output = command("methods", "--enable", "mine=csrms")[1]
    assert output.startswith(
        "section 'mine:' is a copy of 'csrms:' in params.yaml\nparams.yaml runs"
    )
    assert loaded(project / "params.yaml")["mine"] == loaded(project / "params.yaml")["csrms"]


def test_formats_of_data_sets_are_listed_without_cutting(command):
    code, output, _ = command("datasets")
    assert code == 0
    for name in ("scenes", "cifar", "parquet", "image_folder", "food101"):
        assert re.search(rf"^{name} ", output, re.MULTILINE)
    assert "cifar-10-batches-py" in output
    assert "batches.meta,data_batch_1…5,test_batch}" in re.sub(r"\s+", "", output)


def test_methods_are_listed_with_their_runs(command, project):
    code, output, _ = command("methods")
    assert code == 0
    assert re.search(r"^base +4 +Base: a backbone", output, re.MULTILINE)
    assert re.search(r"^csrms +1 +CSRMS: ", output, re.MULTILINE)


def test_methods_are_disabled_and_enabled(command, project):
    before = (project / "params.yaml").read_text()
    assert command("methods", "--disable", "csrms")[:2] == (
        0,
        f"params.yaml runs {RUNS.replace('csrms, ', '')}\n",
    )
    rest = [name for name in RUNS.split(", ") if name != "csrms"]
    arguments = [argument for name in rest for argument in ("--disable", name)]
    assert command("methods", *arguments)[:2] == (0, "params.yaml runs nothing\n")
    of = {"base_images": "=base", "base_maps": "=base", "base_tags": "=base@tags"}
    names = [name + of.get(name, "") for name in RUNS.split(", ")]
    code, output, _ = command("methods", *(a for name in names for a in ("--enable", name)))
    assert (code, output) == (
        0,
        f"params.yaml runs {RUNS}\n",
    )
    assert (project / "params.yaml").read_text() == before


def test_shared_stages_are_mended_after_an_edit_by_hand(command, project):
    path = project / "params.yaml"
    before = path.read_text()
    path.write_text(before.replace("  features: [classes]", "  features: []"))
    said = f"params.yaml runs {RUNS}\n"
    assert command("methods", "--sync")[:2] == (0, said)
    assert path.read_text() == before


def test_models_are_listed_by_pattern(command):
    code, output, _ = command("models", "lenet*")
    assert (code, output) == (0, "lenet5\n")
    assert "resnet18" in command("models", "resnet*")[1].splitlines()


def test_use_alone_migrates_an_older_file_and_keeps_it(command, project, root):
    older = (root / "tests/project/migration/older.yaml").read_text()
    (project / "params.yaml").write_text(older)
    code, output, _ = command("use")
    assert code == 0
    assert "base.recipe.lr: moved to base.recipe.optimizer.lr" in output
    assert "base.recipe.decay: 0.1 is dropped, since schedule cosine reads none" in output
    kept = re.search(r"what was here is\s+now\s+(\S+)", output)
    assert kept
    assert (project / kept[1]).read_text() == older
    assert loaded(project / "params.yaml")["base"]["recipe"]["optimizer"]["lr"] == 0.03
    assert "is migrated" not in command("use")[1]


def test_a_plan_is_explained(command, tmp_path):
    for arguments in (["init", "--no-scm", "-q"], ["repro", "-q"]):
        if arguments[0] == "repro":
            (tmp_path / "dvc.yaml").write_text(DVC_YAML)
            (tmp_path / "in.txt").write_text("in\n")
        subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=tmp_path, check=True)
    assert command("explain")[:2] == (0, "nothing to run: every result is up to date\n")
    (tmp_path / "in.txt").write_text("changed\n")
    (tmp_path / ".protoweave/log").mkdir(parents=True)
    record = {"status": "done", "seconds": 61.7}
    (tmp_path / ".protoweave/log/second.jsonl").write_text(json.dumps(record) + "\n")
    code, output, _ = command("explain")
    assert code == 0
    lines = [re.sub(r" {2,}", "|", line.strip()) for line in output.splitlines()]
    assert lines == [
        "stage|why|last time",
        "first|input in.txt is modified",
        "second|only if first changes|62 s",
    ]


@pytest.fixture
def table(tmp_path):
    clusters = {"sample_id": [f"image {i}" for i in range(9)], "cluster": range(9)}
    ASSIGNMENTS.write(pl.DataFrame(clusters, ASSIGNMENTS.dtypes), tmp_path / "t.parquet")
    return "t.parquet"


def test_an_artifact_is_shown(command, table):
    code, output, _ = command("inspect", table, "--rows", "2")
    assert code == 0
    assert re.search(r"^cluster +Int32 *$", output, re.MULTILINE)
    assert "image 1" in output
    assert "image 2" not in output


def test_a_text_artifact_is_shown_whole(command, tmp_path):
    (tmp_path / "m.json").write_text('{\n  "f1": [0.5]\n}\n')
    code, output, _ = command("inspect", "m.json")
    assert code == 0
    assert '{\n  "f1": [0.5]\n}\n' in output


def test_digests_of_files_and_folders_are_printed_alone(command, table, tmp_path):
    for path in (table, "."):
        code, output, _ = command("inspect", path, "--digest")
        assert code == 0
        assert re.fullmatch(r"[0-9a-f]{64}\n", output)


def test_a_missing_artifact_is_named(command):
    code, _, errors = command("inspect", "gone.parquet")
    assert code == 2
    assert "gone.parquet: nothing there; run `dvc repro`" in errors


def test_the_doctor_tells_ok_from_fail(command, project):
    code, output, _ = command("doctor")
    assert code == 1
    assert re.search(r"^FAIL  a DVC project \(else: dvc init\)$", output, re.MULTILINE)
    assert re.search(r"^ok    torch [0-9.]+", output, re.MULTILINE)
    assert "ok    params.yaml: every section is valid" in output


def test_the_doctor_is_content_with_a_sound_checkout(command, project, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: f"/bin/{program}")
    monkeypatch.setattr("pipeline_lib.project.check.LEAST_FREE_GIB", 0)  # this disk may be full
    (project / "data/none").touch()
    for folder in (".git", ".dvc"):
        (project / folder).mkdir()
    code, output, _ = command("doctor")
    assert "FAIL" not in output
    assert code == 0


def test_of_many_reasons_the_first_are_told():
    assert cli._summary([]) == ""
    assert cli._summary(["a", "b", "c", "d"]) == "a; b; c; d"
    assert cli._summary(["a", "b", "c", "d", "e", "f"]) == "a; b; c; d; and 2 more"
